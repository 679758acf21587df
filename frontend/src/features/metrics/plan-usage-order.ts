import type { ContainerMetric, ContainerUsage } from '@flotilla/contracts';

/** Containers by what they use now; those of which it is not known come last, whatever the order. */
export function planUsageOrder(
  items: readonly ContainerUsage[],
  metric: ContainerMetric,
  order: 'asc' | 'desc',
): ContainerUsage[] {
  const direction = order === 'asc' ? 1 : -1;
  return items.toSorted((a, b) => {
    const [first, second] = [a.values[metric] ?? null, b.values[metric] ?? null];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return (first - second) * direction || a.name.localeCompare(b.name);
  });
}
