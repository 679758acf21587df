/** A server's weight as it is set, and how much of it counts now: 0 < share ≤ 1. */
export interface WeighedServer {
  readonly weight: number;
  readonly share: number;
}

const PERCENT = 100;

/**
 * nginx's weights, which are integers: share × weight, by the percent, over the greatest number that divides them all. While
 * all shares are full, the weights stay as they are set.
 */
export function chooseWeights(servers: readonly WeighedServer[]): number[] {
  if (servers.every(({ share }) => share === 1)) return servers.map(({ weight }) => weight);
  const scaled = servers.map(({ weight, share }) => weight * Math.max(1, Math.round(share * PERCENT)));
  const divisor = scaled.reduce(findGreatestDivisor, 0);
  return scaled.map((weight) => weight / divisor);
}

/** Euclid's algorithm. */
function findGreatestDivisor(a: number, b: number): number {
  return b === 0 ? a : findGreatestDivisor(b, a % b);
}
