import type { ObservedContainer } from '@flotilla/contracts';

export interface ContainerQuery {
  readonly page: number;
  readonly pageSize: number;
  readonly sort: 'name' | 'image' | 'state';
  readonly order: 'asc' | 'desc';
  readonly search?: string | undefined;
}

/** One page of an inventory, which is small and comes as a whole. `search` looks at names, images and Compose names. */
export function planContainerPage(containers: readonly ObservedContainer[], query: ContainerQuery) {
  const wanted = query.search?.toLowerCase() ?? '';
  const isWanted = ({ name, image, composeProject, composeService }: ObservedContainer) =>
    [name, image, composeProject ?? '', composeService ?? ''].some((text) => text.toLowerCase().includes(wanted));
  const direction = query.order === 'asc' ? 1 : -1;
  const sorted = containers
    .filter(isWanted)
    .toSorted(
      (left, right) => direction * compare(left[query.sort], right[query.sort]) || compare(left.name, right.name),
    );
  const start = (query.page - 1) * query.pageSize;
  return { items: sorted.slice(start, start + query.pageSize), total: sorted.length };
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
