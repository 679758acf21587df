import { z } from 'zod';
import { defineRoute } from './route.ts';

const tag = 'health';

export const ping = defineRoute({
  method: 'get',
  path: '/api/ping',
  access: 'public',
  tag,
  summary: 'Whether the API answers, and its version',
  status: 200,
  response: z.object({ status: z.literal('ok'), version: z.string() }),
});

export const healthReport = z.object({
  status: z.enum(['ok', 'failing']),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});

export const healthLive = defineRoute({
  method: 'get',
  path: '/api/health/live',
  access: 'public',
  tag,
  summary: 'Whether the process runs; never depends on other systems',
  status: 200,
  response: healthReport,
});

export const healthReady = defineRoute({
  method: 'get',
  path: '/api/health/ready',
  access: 'public',
  tag,
  summary: 'Whether database and bus answer; 503 with the failing check otherwise',
  status: 200,
  response: healthReport,
});
