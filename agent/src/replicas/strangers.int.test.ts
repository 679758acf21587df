import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REPLICA_AGENT_LABEL, REPLICA_SERVICE_LABEL, REPLICA_SPECIFICATION_LABEL } from '../shared/replica-label.ts';
import { formatReplicaName } from './plan-container.ts';
import { BOUND, IMAGE, ReplicaStand } from './testing/replica-stand.ts';

let stand: ReplicaStand;
let made: string[];

beforeEach(async () => {
  made = [];
  stand = await ReplicaStand.start();
});
afterEach(async () => {
  if (made.length > 0) await stand.docker('rm', '--force', ...made);
  await stand[Symbol.asyncDispose]();
});

/** A container of the kind of name that replicas have, which the agent did not make. */
async function place(labels: Readonly<Record<string, string>>): Promise<string> {
  const name = formatReplicaName(stand.serviceId, randomBytes(4).toString('hex'));
  const options = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  const id = await stand.docker('run', '--detach', '--stop-timeout', '1', '--name', name, ...options, IMAGE);
  made.push(id);
  return id;
}

const readState = (id: string): Promise<string> =>
  stand.docker('inspect', '--format', '{{.State.Status}} {{.State.StartedAt}} {{.RestartCount}}', id);

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('containers with a replica’s name', () => {
  const labelsOf = (agentId: string): Record<string, string> => ({
    [REPLICA_AGENT_LABEL]: agentId,
    [REPLICA_SERVICE_LABEL]: stand.serviceId,
    [REPLICA_SPECIFICATION_LABEL]: 'a'.repeat(64),
  });

  it('that another made are never counted, stopped or removed', async () => {
    const strangers = [
      await place({}),
      await place({ [REPLICA_SERVICE_LABEL]: stand.serviceId }),
      await place(labelsOf(randomUUID())),
      await place(labelsOf(`${stand.agentId}0`)),
    ];
    const ended = await place({});
    await stand.docker('kill', ended);
    const readAll = () => Promise.all([...strangers, ended].map(readState));
    const before = await readAll();

    stand.want({ count: 1 });
    await expect.poll(() => stand.gate.ids, BOUND).toHaveLength(1);
    const known = stand.last?.replicas.map(({ containerId }) => containerId);
    expect(strangers.filter((id) => stand.gate.ids.includes(id) || known?.includes(id))).toEqual([]);

    // The control: with this agent's labels it is a replica of older settings, which has to go.
    const own = await place(labelsOf(stand.agentId));
    stand.replicas.look();
    const list = async () => (await stand.docker('ps', '--all', '--quiet', '--no-trunc')).split('\n');
    await expect.poll(list, BOUND).not.toContain(own);

    stand.replicas.settle([], new Set());
    await expect.poll(() => stand.last?.replicas, BOUND).toEqual([]);
    const ours = stand.connect();
    const { signal } = new AbortController();
    for (const stranger of strangers) {
      await expect(ours.stop(stranger, signal)).rejects.toThrow('is left alone');
      await expect(ours.remove(stranger, signal)).rejects.toThrow('is left alone');
    }
    expect(await readAll()).toEqual(before);
  });
});
