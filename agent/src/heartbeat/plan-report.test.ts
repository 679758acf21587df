import { heartbeatRequest, MAX_BODY_BYTES, MAX_CONTAINERS_PER_AGENT } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import {
  buildContainer,
  buildFacts,
  buildReplicasReport,
  buildResult,
  buildSiteConfig,
} from '../testing/build-report.ts';
import { planReport, type PlannedReport, type WaitingReport } from './plan-report.ts';

const nothing: WaitingReport = {
  taskResults: [],
  proxyResult: null,
  facts: null,
  containers: null,
  replicas: [],
  siteConfigs: [],
};
const many = <Item>(count: number, build: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => build(index));

/** The body as it is sent, checked with the Core's schema. */
function buildBody({ taskResults, proxyResult, facts, containers, replicas, siteConfigs }: PlannedReport): string {
  const body = { agentVersion: '1.0.0', taskResults, replicas, siteConfigs, proxyResult, facts, containers };
  const sent = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  expect(heartbeatRequest.safeParse(sent).error).toBeUndefined();
  return JSON.stringify(sent);
}

describe('planReport', () => {
  it('sends everything that has room', () => {
    const waiting = {
      taskResults: [buildResult()],
      proxyResult: null,
      facts: buildFacts(),
      containers: [buildContainer()],
      replicas: [buildReplicasReport()],
      siteConfigs: [buildSiteConfig()],
    };
    expect(planReport(waiting)).toEqual({ ...waiting, omittedContainers: 0, hasMore: false });
  });

  it.each<[string, WaitingReport]>([
    ['5,000 refused sites with long reasons', { ...nothing, taskResults: [buildResult(5000, '“ж”'.repeat(1000))] }],
    ['the same without a task', { ...nothing, proxyResult: buildResult(5000, 'x'.repeat(4000)).result }],
    ['many results', { ...nothing, taskResults: many(300, () => buildResult(20, 'x'.repeat(400))) }],
    [
      'many large containers',
      { ...nothing, containers: many(4000, (n) => buildContainer({ name: `c${n}`, image: 'x'.repeat(500) })) },
    ],
    ['long site texts', { ...nothing, siteConfigs: many(50, () => buildSiteConfig({ text: '\n"'.repeat(90_000) })) }],
    [
      'all at once',
      {
        taskResults: many(100, () => buildResult(50, 'x'.repeat(200))),
        proxyResult: buildResult(500).result,
        facts: buildFacts(),
        containers: many(2000, (n) => buildContainer({ name: `c${n}` })),
        replicas: many(300, () => buildReplicasReport({ problem: 'ж'.repeat(2000) })),
        siteConfigs: many(500, () => buildSiteConfig({ text: 'x'.repeat(5000) })),
      },
    ],
  ])('keeps %s within the Core’s bounds', (_, waiting) => {
    expect(Buffer.byteLength(buildBody(planReport(waiting)))).toBeLessThanOrEqual(MAX_BODY_BYTES);
  });

  it('sends results before anything else, and says that more is waiting', () => {
    const taskResults = many(3, () => buildResult(1500, 'x'.repeat(350)));
    const planned = planReport({ ...nothing, taskResults, containers: [buildContainer()] });
    expect(planned.taskResults.map(({ taskId }) => taskId)).toEqual([taskResults[0]?.taskId]);
    expect(planned.containers).toEqual([buildContainer()]);
    expect(planned.hasMore).toBe(true);
  });

  it('keeps an inventory that has no room beside the results for the next heartbeat', () => {
    const containers = many(1500, (n) => buildContainer({ name: `c${n}` }));
    const planned = planReport({ ...nothing, taskResults: [buildResult(3000, 'x'.repeat(150))], containers });
    expect(planned).toMatchObject({ containers: null, hasMore: true, omittedContainers: 0 });
  });

  it('drops stopped containers first when a host has too many', () => {
    const stopped = many(MAX_CONTAINERS_PER_AGENT, (n) =>
      buildContainer({ name: `s${n}`, state: 'exited', ports: [] }),
    );
    const planned = planReport({ ...nothing, containers: [...stopped, buildContainer({ name: 'running' })] });
    expect(planned.containers?.[0]?.name).toBe('running');
    expect(planned.containers?.length).toBe(stopped.length + 1 - planned.omittedContainers);
    expect(planned.omittedContainers).toBeGreaterThan(0);
    expect(planned.hasMore).toBe(false);
  });

  it('does not hurry for what fits into no heartbeat', () => {
    const siteConfigs = [buildSiteConfig({ text: '\u0001'.repeat(200_000) })];
    expect(planReport({ ...nothing, siteConfigs })).toMatchObject({ siteConfigs: [], hasMore: false });
  });

  it('sends one text that alone is larger than the bound for several', () => {
    const siteConfigs = [buildSiteConfig({ text: 'ж'.repeat(200_000) }), buildSiteConfig()];
    expect(planReport({ ...nothing, siteConfigs })).toMatchObject({ siteConfigs: [siteConfigs[0]], hasMore: true });
  });
});
