import { describe, expect, it } from 'vitest';
import { buildAgent } from '../../shared/testing/build-agent.ts';
import { renderText } from '../../shared/testing/render.ts';
import { decideReplicaOutlook } from './decide-replica-outlook.ts';
import { planReplicaRows } from './plan-replica-rows.ts';
import ReplicaOutlook from './ReplicaOutlook.vue';
import ReplicaTable from './ReplicaTable.vue';
import { buildReplicasReport } from './testing/build-replicas-report.ts';

const report = buildReplicasReport();
const showTable = (isKnown: boolean) =>
  renderText(ReplicaTable, { rows: planReplicaRows({ id: 'n', name: 'fra-1', isKnown }, report, [], []) });
const showOutlook = (change: Parameters<typeof buildReplicasReport>[0] | null, status: 'online' | 'offline') => {
  const outlook = decideReplicaOutlook(change === null ? null : buildReplicasReport(change), buildAgent({ status }), 3);
  return renderText(ReplicaOutlook, { outlook, nodeName: 'fra-1' });
};

describe('the replicas of a service', () => {
  it('shows what it does not know as unknown, never as 0', () => {
    const text = showTable(true);
    expect(text).toContain('Ready');
    expect(text).not.toMatch(/\b0\b/);
  });

  it('says of a node that is away what it said last, not what is', () => {
    expect(showTable(false)).toContain('unknown was: Ready');
    expect(showOutlook({}, 'offline')).toMatch(/Ready: unknown.*fra-1 is offline/);
  });

  it('says that nothing was told yet', () => {
    expect(showOutlook(null, 'online')).toContain('Ready: unknown');
  });

  it('shows the node’s own words for a problem, and what to do', () => {
    const text = showOutlook({ problem: 'manifest unknown', rollout: 'rolled_back' }, 'online');
    expect(text).toContain('manifest unknown');
    expect(text).toContain('correct the image or settings with Edit');
  });

  it('counts what is ready against what is wanted', () => {
    expect(showOutlook({ wanted: 3 }, 'online')).toContain('1 of 3 ready');
  });
});
