import type { DatabaseSession } from '../database-session.ts';
import { storableText } from '../storable-text.ts';
import type { AgentSample } from './agent-sample.ts';
import { LAST_SEEN_LAG_MS, type KnownAgent, type SubjectCache } from './metric-subjects.ts';
import {
  findSubjects,
  insertSubjects,
  updateSubjects,
  type SeenSubject,
  type StoredSubject,
  type SubjectTable,
  type WantedSubject,
} from './subject.repository.ts';

/** Numbers of the containers and series in a batch. */
export interface ResolvedSubjects {
  readonly ofAgent: (agentId: string) => AgentSubjects;
  /** To be called after the commit: what a transaction that was rolled back has found must not be remembered. */
  readonly remember: () => void;
}

/** Numbers of one agent's; undefined when it was removed a moment ago. */
export interface AgentSubjects {
  readonly containerRef: (dockerId: string) => number | undefined;
  readonly seriesRef: (containerRef: number | null, name: string) => number | undefined;
}

/** Gives every container and series of the samples a number, in few statements, and none when all are in the cache. */
export async function resolveSubjects(
  tx: DatabaseSession,
  samples: readonly AgentSample[],
  cache: SubjectCache,
): Promise<ResolvedSubjects> {
  const found = new Map<string, KnownAgent>();
  const ofAgent = (agentId: string): AgentSubjects => {
    const [newer, older] = [found.get(agentId), cache.get(agentId)];
    return {
      containerRef: (dockerId) => (newer?.containers.get(dockerId) ?? older?.containers.get(dockerId))?.ref,
      seriesRef: (container, name) => {
        const key = seriesKey(container, name);
        return (newer?.series.get(key) ?? older?.series.get(key))?.ref;
      },
    };
  };
  await resolveTable(tx, 'containers', listNewContainers(samples, cache), found);
  await resolveTable(tx, 'series', listNewSeries(samples, cache, ofAgent), found);
  return {
    ofAgent,
    remember: () => {
      for (const [agentId, subjects] of found) cache.merge(agentId, subjects);
    },
  };
}

function seriesKey(containerRef: number | null, name: string): string {
  return `${containerRef ?? ''} ${name}`;
}

function listNewContainers(samples: readonly AgentSample[], cache: SubjectCache): Map<string, WantedSubject> {
  const wanted = new Map<string, WantedSubject>();
  for (const { agentId, sample } of samples) {
    const containers = cache.get(agentId)?.containers;
    const { ids, names } = sample.containers;
    for (let index = 0; index < ids.length; index += 1) {
      const id = ids[index] ?? '';
      const name = names[index] ?? '';
      const known = containers?.get(id);
      const isNews = known === undefined || (known.name !== name && sample.sampledAt > known.lastSeenMs);
      if (!isNews && sample.sampledAt <= known.lastSeenMs + LAST_SEEN_LAG_MS) continue;
      add(wanted, { agentId, owner: id, name }, `${agentId} ${id}`, sample.sampledAt);
    }
    for (const { containerId } of sample.series) {
      if (containerId === null) continue;
      const known = containers?.get(containerId);
      if (known !== undefined && sample.sampledAt <= known.lastSeenMs + LAST_SEEN_LAG_MS) continue;
      // A series may come without its container's own figures; the next sample that has them brings the name.
      add(wanted, { agentId, owner: containerId, name: null }, `${agentId} ${containerId}`, sample.sampledAt);
    }
  }
  return wanted;
}

function listNewSeries(
  samples: readonly AgentSample[],
  cache: SubjectCache,
  ofAgent: ResolvedSubjects['ofAgent'],
): Map<string, WantedSubject> {
  const wanted = new Map<string, WantedSubject>();
  for (const { agentId, sample } of samples) {
    if (sample.series.length === 0) continue;
    const knownSeries = cache.get(agentId)?.series;
    const { containerRef } = ofAgent(agentId);
    for (const { containerId, name } of sample.series) {
      const owner = containerId === null ? null : containerRef(containerId);
      if (owner === undefined) continue;
      const key = seriesKey(owner, name);
      const known = knownSeries?.get(key);
      if (known !== undefined && sample.sampledAt <= known.lastSeenMs + LAST_SEEN_LAG_MS) continue;
      add(wanted, { agentId, owner, name }, `${agentId} ${key}`, sample.sampledAt);
    }
  }
  return wanted;
}

/** Keeps the newest name, and the times of the first and last sample. */
function add(
  wanted: Map<string, WantedSubject>,
  subject: Pick<WantedSubject, 'agentId' | 'owner' | 'name'>,
  key: string,
  atMs: number,
): void {
  const before = wanted.get(key);
  const isNewer = before === undefined || atMs >= before.lastMs;
  wanted.set(key, {
    ...subject,
    name: (isNewer ? subject.name : before.name) ?? before?.name ?? subject.name,
    firstMs: Math.min(before?.firstMs ?? atMs, atMs),
    lastMs: Math.max(before?.lastMs ?? atMs, atMs),
  });
}

async function resolveTable(
  tx: DatabaseSession,
  which: SubjectTable,
  wanted: ReadonlyMap<string, WantedSubject>,
  found: Map<string, KnownAgent>,
): Promise<void> {
  if (wanted.size === 0) return;
  const ownKeyOf = ({ owner, name }: Pick<WantedSubject, 'owner' | 'name'>): string =>
    which === 'containers' ? String(owner) : seriesKey(owner as number | null, name ?? '');
  const keyOf = (row: StoredSubject): string => `${row.agentId} ${ownKeyOf(row)}`;
  const stored = new Map((await findSubjects(tx, which, [...wanted.values()])).map((row) => [keyOf(row), row]));
  const missing = [...wanted].filter(([key]) => !stored.has(key)).map(([, subject]) => subject);
  if (missing.length > 0) {
    for (const row of await insertSubjects(tx, which, missing)) stored.set(keyOf(row), row);
  }
  const seen: SeenSubject[] = [];
  for (const [key, subject] of wanted) {
    const row = stored.get(key);
    if (row === undefined) continue;
    const name = subject.name === null || subject.lastMs <= row.lastSeenMs ? row.name : storableText(subject.name);
    const isNews = name !== row.name || subject.lastMs > row.lastSeenMs + LAST_SEEN_LAG_MS;
    if (isNews) seen.push({ ref: row.ref, name, lastMs: subject.lastMs });
    const agent = found.get(subject.agentId) ?? { containers: new Map(), series: new Map() };
    found.set(subject.agentId, agent);
    agent[which].set(ownKeyOf(subject), {
      ref: row.ref,
      name: subject.name ?? row.name,
      lastSeenMs: isNews ? subject.lastMs : row.lastSeenMs,
    });
  }
  if (seen.length > 0) await updateSubjects(tx, which, seen);
}
