import { expect, it } from 'vitest';
import { buildAgent } from '../../shared/testing/build-agent.ts';
import { planNodeOrder, type NodeUse } from './plan-node-order.ts';

const well: NodeUse = { cpuPercent: 10, memoryPercent: null, filesystemPercent: 50 };
const build = (name: string, change: Parameters<typeof buildAgent>[0] = {}, use: Partial<NodeUse> = {}) => ({
  node: buildAgent({ name, ...change }),
  use: { ...well, ...use },
});
const { configuration } = buildAgent();

it('puts first what somebody has to look at', () => {
  const nodes = [
    build('node-10'),
    build('node-2'),
    build('full', {}, { filesystemPercent: 97 }),
    build('unserved', { configuration: { ...configuration, unservedServices: 1 } }),
    build('rejected', { configuration: { ...configuration, state: 'rejected' } }),
    build('gone', { status: 'offline' }),
  ];
  expect(planNodeOrder(nodes).map(({ node }) => node.name)).toEqual([
    'gone',
    'rejected',
    'unserved',
    'full',
    'node-2',
    'node-10',
  ]);
});
