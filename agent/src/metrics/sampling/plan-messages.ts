import { MAX_CONTAINERS_PER_SAMPLE, MAX_SERIES_PER_SAMPLE, type MetricsMessage } from '@flotilla/contracts';

/** The stream takes 1 MiB with the header. */
export const MAX_MESSAGE_BYTES = 2 ** 20 - 4096;

export interface MessagePlan {
  /** Bodies, each small enough. One, but of a host with very many containers or series. */
  readonly bodies: readonly Uint8Array[];
  /** Containers and series beyond what the Core stores of one sample. */
  readonly left: number;
}

/** A sample as messages: all with its time, none larger than the bus takes. Cuts what the Core would not store. */
export function planMessages(sample: MetricsMessage, maxBytes: number = MAX_MESSAGE_BYTES): MessagePlan {
  const { containers, series } = sample;
  const rows = containers?.rows.slice(0, MAX_CONTAINERS_PER_SAMPLE);
  const kept = series?.slice(0, MAX_SERIES_PER_SAMPLE);
  const left = count(containers?.rows) - count(rows) + count(series) - count(kept);
  const cut: MetricsMessage = {
    ...sample,
    ...(containers === undefined || rows === undefined ? {} : { containers: { ...containers, rows } }),
    ...(kept === undefined ? {} : { series: kept }),
  };
  return { bodies: split(cut, maxBytes), left };
}

function split(message: MetricsMessage, maxBytes: number): Uint8Array[] {
  const body = Buffer.from(JSON.stringify(message));
  if (body.length <= maxBytes) return [body];
  const { containers, series, host, ...envelope } = message;
  const parts: MetricsMessage[] = [];
  if (host !== undefined) parts.push({ ...envelope, host });
  if (containers !== undefined) {
    for (const rows of halve(containers.rows)) parts.push({ ...envelope, containers: { ...containers, rows } });
  }
  if (series !== undefined) for (const half of halve(series)) parts.push({ ...envelope, series: half });
  // One row, or figures of a host, never come near the bound: what cannot be divided is within it.
  return parts.length < 2 ? [body] : parts.flatMap((part) => split(part, maxBytes));
}

function halve<Row>(rows: readonly Row[]): (readonly Row[])[] {
  const middle = Math.ceil(rows.length / 2);
  return [rows.slice(0, middle), rows.slice(middle)].filter((half) => half.length > 0);
}

function count(rows: readonly unknown[] | undefined): number {
  return rows?.length ?? 0;
}
