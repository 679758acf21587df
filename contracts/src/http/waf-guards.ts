import { z } from 'zod';
import { wafGuards } from '../waf/guard-settings.ts';
import { defineRoute } from './route.ts';

const tag = 'firewall';

export const readGuards = defineRoute({
  method: 'get',
  path: '/api/waf/guards',
  access: 'viewer',
  tag,
  summary: 'How much is banned before a person is asked',
  status: 200,
  response: wafGuards,
});

export const saveGuards = defineRoute({
  method: 'put',
  path: '/api/waf/guards',
  access: 'operator',
  tag,
  summary:
    'Change how much is banned before a person is asked; in force within seconds, what is left out is as shipped',
  body: wafGuards,
  status: 200,
  response: wafGuards,
});

/** A network that is never banned without anybody having said so. */
export const automaticallyAllowed = z.object({
  network: z.string(),
  kind: z.enum(['agent', 'core', 'proxy']),
  /** Of the node, or of the service that trusts the proxy. */
  name: z.string(),
});
export type AutomaticallyAllowed = z.infer<typeof automaticallyAllowed>;

export const listAutomaticallyAllowed = defineRoute({
  method: 'get',
  path: '/api/waf/allowed/automatic',
  access: 'viewer',
  tag,
  summary: 'Networks that are never banned by themselves: of the Core, of the nodes, of proxies that services trust',
  status: 200,
  response: z.object({ items: z.array(automaticallyAllowed) }),
});
