import type { ObservedContainer } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { planContainerPage } from './plan-container-page.ts';

function buildContainer(name: string, image: string, state: ObservedContainer['state']): ObservedContainer {
  const unknown = { health: null, ports: [], networks: [], composeProject: null, composeService: null };
  return { id: name, name, image, state, status: '', createdAt: '2026-01-01T00:00:00Z', ...unknown };
}

const containers = [
  buildContainer('web', 'nginx', 'running'),
  buildContainer('api', 'node', 'exited'),
  buildContainer('db', 'postgres', 'running'),
];
const first = { page: 1, pageSize: 10, sort: 'name', order: 'asc' } as const;

it.each([
  ['by name', first, ['api', 'db', 'web']],
  ['backwards', { ...first, order: 'desc' }, ['web', 'db', 'api']],
  ['by state, then name', { ...first, sort: 'state' }, ['api', 'db', 'web']],
  ['the second page', { ...first, page: 2, pageSize: 2 }, ['web']],
  ['what is searched', { ...first, search: 'POST' }, ['db']],
] as const)('lists %s', (_, query, names) => {
  expect(planContainerPage(containers, query).items.map(({ name }) => name)).toEqual(names);
});

it('counts all pages', () => expect(planContainerPage(containers, { ...first, pageSize: 1 }).total).toBe(3));
