import { describe, expect, it } from 'vitest';
import {
  buildContainer,
  buildFacts,
  buildReplicasReport,
  buildResult,
  buildSiteConfig,
} from '../testing/build-report.ts';
import { PendingReport } from './pending-report.ts';

const isEmpty = (report: PendingReport): boolean => {
  const { taskResults, proxyResult, facts, containers, replicas, siteConfigs } = report.plan().planned;
  const lists = [taskResults, replicas, siteConfigs];
  return lists.every(({ length }) => length === 0) && proxyResult === null && facts === null && containers === null;
};

function buildReport(): PendingReport {
  const report = new PendingReport();
  report.addResult(buildResult());
  report.setProxyResult(buildResult().result);
  report.setFacts(buildFacts());
  report.setContainers([buildContainer()]);
  report.addReplicas(buildReplicasReport());
  report.addSiteConfigs([buildSiteConfig()]);
  return report;
}

describe('PendingReport', () => {
  it('keeps everything until it is confirmed', () => {
    const report = buildReport();
    expect(report.plan()).toEqual(report.plan());
    report.confirm(report.plan());
    expect(isEmpty(report)).toBe(true);
    expect(report.hasResults).toBe(false);
  });

  it('keeps what changed while it was on its way', () => {
    const report = buildReport();
    const running = { taskId: buildResult().taskId, status: 'running' } as const;
    report.addResult(running);
    const sent = report.plan();
    const finished = { ...buildResult(), taskId: running.taskId };
    const config = { ...sent.planned.siteConfigs[0], text: 'server { listen 81; }' };
    report.addResult(finished);
    report.setFacts(buildFacts({ kernel: '6.2' }));
    report.setContainers([]);
    report.addSiteConfigs([buildSiteConfig(config)]);
    report.confirm(sent);
    expect(report.plan().planned).toMatchObject({
      taskResults: [finished],
      facts: { kernel: '6.2' },
      containers: [],
      siteConfigs: [config],
    });
  });

  it('sends snapshots again only when they changed, or when the Core asks', () => {
    const report = buildReport();
    report.confirm(report.plan());
    report.setFacts(buildFacts());
    report.setContainers([buildContainer()]);
    expect(isEmpty(report)).toBe(true);
    report.setContainers([buildContainer({ state: 'exited' })]);
    expect(isEmpty(report), 'the control: a change').toBe(false);
    report.confirm(report.plan());
    report.repeatSnapshots();
    expect(report.plan().planned).toMatchObject({ facts: buildFacts(), containers: [{ state: 'exited' }] });
  });

  it('tells of a task only the latest', () => {
    const report = new PendingReport();
    const result = buildResult();
    report.addResult({ taskId: result.taskId, status: 'running' });
    report.addResult(result);
    expect(report.plan().planned.taskResults).toEqual([result]);
  });

  it('forgets a result without a task when a task’s own comes after it', () => {
    const report = new PendingReport();
    report.setProxyResult(buildResult(1).result);
    report.addResult(buildResult());
    expect(report.plan().planned.proxyResult).toBeNull();
  });

  it('drops only the part that was refused', () => {
    const report = buildReport();
    report.dropInventory(report.plan());
    expect(report.plan().planned).toMatchObject({ facts: null, containers: null, siteConfigs: [] });
    expect(report.plan().planned.taskResults).toHaveLength(1);
    report.dropResults(report.plan());
    expect(isEmpty(report)).toBe(true);
  });
});
