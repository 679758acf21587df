import type { ReplicaLoad, ScalingMetric } from '@flotilla/contracts';
import { STALE_AFTER_INTERVALS, type NodeSample, type ScaledNode } from './scaling-input.ts';

/** What is known of one metric over all nodes of a service. */
export interface Measurement {
  /** `mean` over the replicas; `worst` of the nodes, because a percentile of all cannot be computed from those of parts. */
  readonly kind: 'mean' | 'worst';
  /** Sum over the known replicas, or the highest figure. */
  readonly figure: number;
  /** Ready replicas that told a figure. */
  readonly known: number;
  /** Ready replicas that told none, and all of a node that is silent. */
  readonly missing: number;
  /** Replicas that are asked for and do not take requests yet, or whose figures are still those of their start. */
  readonly unready: number;
}

/** A replica's first CPU figures are those of its start (HPA: initial readiness delay, 30 s). */
const START_UP_MS = 30_000;

/** A node's sample while it still tells something; null when it is missing or stale. */
export function chooseFresh({ sample }: ScaledNode, now: number): NodeSample | null {
  return sample !== null && now - sample.sampledAt <= STALE_AFTER_INTERVALS * sample.intervalMs ? sample : null;
}

/** What the replicas bear, by one metric, at `now` in event time. */
export function measureTarget(metric: ScalingMetric, nodes: readonly ScaledNode[], now: number): Measurement {
  const kind = metric.kind === 'latency_p95' ? 'worst' : 'mean';
  let [figure, known, missing, unready] = [0, 0, 0, 0];
  for (const node of nodes) {
    const sample = chooseFresh(node, now);
    const part = sample === null ? measureSilent(node) : measureNode(metric, sample);
    figure = kind === 'worst' ? Math.max(figure, part.figure) : add(figure, part.figure);
    known += part.known;
    missing += part.missing;
    unready += part.young;
    if (sample !== null) unready += Math.max(0, node.wanted - part.known - part.missing - part.young);
  }
  return { kind, figure, known, missing, unready };
}

/** As the target measures it; null when nobody told. */
export function readMeasurement({ kind, figure, known }: Measurement): number | null {
  if (known === 0) return null;
  return kind === 'worst' ? figure : figure / known;
}

/** The same with replicas that told nothing taken as bearing so much each. A latency is not made by more that bear nothing. */
export function assumeFigures(measurement: Measurement, count: number, value: number): Measurement {
  const { kind, figure, known } = measurement;
  if (count === 0 || (kind === 'worst' && value === 0)) return measurement;
  const assumed = kind === 'worst' ? Math.max(figure, value) : figure + count * value;
  return { ...measurement, figure: assumed, known: known + count };
}

interface NodePart {
  readonly figure: number;
  readonly known: number;
  readonly missing: number;
  /** Ready, and too young to be looked at. */
  readonly young: number;
}

const measureSilent = ({ wanted }: ScaledNode): NodePart => ({ figure: 0, known: 0, missing: wanted, young: 0 });

function measureNode(metric: ScalingMetric, { load, sampledAt }: NodeSample): NodePart {
  switch (metric.kind) {
    case 'cpu':
      return sumReplicas(load.replicas, (replica) => replica.cpuRatio, sampledAt - START_UP_MS);
    case 'memory':
      return sumReplicas(load.replicas, (replica) => replica.memoryRatio);
    case 'custom':
      return sumReplicas(load.replicas, (replica) => replica.custom[metric.name] ?? null);
    case 'requests_per_second':
      return shareFigure(load.replicas, load.requestsPerSecond);
    case 'in_flight':
      return shareFigure(load.replicas, load.inFlight);
    case 'latency_p95':
      // Without a request nothing is slow: that is known, and must not keep replicas for ever.
      return shareFigure(load.replicas, load.latencyP95Ms ?? (load.requestsPerSecond === 0 ? 0 : null));
  }
}

/** @param startedBefore younger replicas are set aside */
function sumReplicas(
  replicas: readonly ReplicaLoad[],
  read: (replica: ReplicaLoad) => number | null,
  startedBefore = Number.POSITIVE_INFINITY,
): NodePart {
  let [figure, known, missing, young] = [0, 0, 0, 0];
  for (const replica of replicas) {
    if (!replica.isReady) continue;
    const value = read(replica);
    if (replica.startedAt > startedBefore) young += 1;
    else if (value === null) missing += 1;
    else {
      figure = add(figure, value);
      known += 1;
    }
  }
  return { figure, known, missing, young };
}

/** A figure of the whole node is borne by its ready replicas. */
function shareFigure(replicas: readonly ReplicaLoad[], value: number | null): NodePart {
  const ready = replicas.filter(({ isReady }) => isReady).length;
  return value === null
    ? { figure: 0, known: 0, missing: ready, young: 0 }
    : { figure: value, known: ready, missing: 0, young: 0 };
}

/** What nodes tell may be out of every proportion, and a sum stays a number all the same. */
function add(a: number, b: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, a + b));
}
