import type { ObservedContainer } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { planContainerGroups } from './plan-container-groups.ts';

const containerOf = (name: string, composeProject: string | null = null, composeService: string | null = null) =>
  ({ name, composeProject, composeService }) as ObservedContainer;
const groupsOf = (...containers: ObservedContainer[]) =>
  planContainerGroups(containers).map(({ project, containers: own }) => [project, ...own.map(({ name }) => name)]);

describe('containers to choose from', () => {
  it('stand together by project, those of none last', () => {
    expect(
      groupsOf(containerOf('alone'), containerOf('shop-web-1', 'shop', 'web'), containerOf('blog-db-1', 'blog', 'db')),
    ).toEqual([
      ['blog', 'blog-db-1'],
      ['shop', 'shop-web-1'],
      [null, 'alone'],
    ]);
  });

  it('follow their service and number, the tenth after the second', () => {
    const numbers = [10, 2].map((number) => containerOf(`shop-web-${number}`, 'shop', 'web'));
    expect(groupsOf(...numbers, containerOf('shop-db-1', 'shop', 'db'))).toEqual([
      ['shop', 'shop-db-1', 'shop-web-2', 'shop-web-10'],
    ]);
  });

  it('are none without containers', () => {
    expect(groupsOf()).toEqual([]);
  });
});
