import { z } from 'zod';
import { instant } from '../values/identifiers.ts';
import { defineRoute } from './route.ts';
import { MAX_NETWORKS_PER_REQUEST } from './waf.ts';

const tag = 'firewall';
/** `allowed`: never banned. `blocked`: banned by hand, everywhere. */
const params = z.object({ list: z.enum(['allowed', 'blocked']) });
export type NetworkListName = z.infer<typeof params>['list'];
const MAX_CSV_LENGTH = 400_000;

export const listedNetwork = z.object({
  network: z.string(),
  /** Null: for ever. */
  expiresAt: instant.nullable(),
  comment: z.string(),
  createdAt: instant,
  createdBy: z.string(),
});
export type ListedNetwork = z.infer<typeof listedNetwork>;

export const readNetworkList = defineRoute({
  method: 'get',
  path: '/api/waf/lists/:list',
  access: 'viewer',
  tag,
  summary: 'The allow list, or what operators have banned everywhere; as JSON or CSV',
  params,
  query: z.strictObject({ format: z.enum(['json', 'csv']).default('json') }),
  status: 200,
  response: z.object({ items: z.array(listedNetwork) }),
  alsoAs: 'text/csv',
});

export const importNetworkList = defineRoute({
  method: 'post',
  path: '/api/waf/lists/:list/import',
  access: 'operator',
  tag,
  summary: `Add networks from CSV (network, expires, comment), at most ${MAX_NETWORKS_PER_REQUEST}; 400 names line and field of each that is wrong, and nothing is added then`,
  params,
  body: z.strictObject({ csv: z.string().max(MAX_CSV_LENGTH) }),
  status: 200,
  /** Of the block list, what is banned already is not added; of the allow list, bans that were lifted. */
  response: z.object({ added: z.number().int().min(0), lifted: z.number().int().min(0) }),
});
