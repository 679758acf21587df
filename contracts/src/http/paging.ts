import { z } from 'zod';
import { singleLine } from '../values/text.ts';

export const MAX_PAGE_SIZE = 200;

/**
 * Query of a list: `?page=2&pageSize=50&sort=name&order=desc&search=…`.
 * @param sortable the fields that the list can be sorted by; the first is the default
 */
export function listQuery<const Fields extends readonly [string, ...string[]]>(
  sortable: Fields,
  order: 'asc' | 'desc' = 'asc',
) {
  return z.strictObject({
    page: z.coerce.number().int().min(1).max(1_000_000).default(1),
    pageSize: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(50),
    sort: z.enum(sortable).default(sortable[0] as Fields[number]),
    order: z.enum(['asc', 'desc']).default(order),
    search: singleLine(200, 0).optional(),
  });
}

/** One page of a list; `total` counts what the filters match on all pages. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    total: z.number().int().min(0),
    page: z.number().int().min(1),
    pageSize: z.number().int().min(1),
  });
}
