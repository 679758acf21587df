import { gzipSync } from 'node:zlib';
import { defineRoute, entityId, instant, MAX_BODY_BYTES } from '@flotilla/contracts';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listenForTest, type TestServer } from './testing/listen-for-test.ts';
import {
  answerErrors,
  Conflict,
  handle,
  handleAgentKey,
  mountRoutes,
  RateLimit,
  Unauthorized,
  type RequestUser,
} from './index.ts';

type SentBody = NonNullable<RequestInit['body']>;

const base = { tag: 'test', summary: 'For the test', status: 200 } as const;
const echo = defineRoute({
  ...base,
  method: 'post',
  path: '/api/echo/:id',
  access: 'public',
  params: z.object({ id: entityId }),
  query: z.strictObject({ limit: z.coerce.number().int().max(5).default(3) }),
  body: z.object({ name: z.string(), port: z.number().optional() }),
  response: z.object({ name: z.string(), limit: z.number(), at: instant }),
});
const operatorsOnly = defineRoute({
  ...base,
  method: 'post',
  path: '/api/operate',
  access: 'operator',
  body: z.object({}),
  response: z.object({ email: z.string() }),
});
const withKey = defineRoute({
  ...base,
  method: 'get',
  path: '/api/key',
  access: 'agent',
  response: z.object({ apiKey: z.string() }),
});
const wrongAnswer = defineRoute({
  ...base,
  method: 'get',
  path: '/api/wrong',
  access: 'public',
  response: z.object({ count: z.number().max(1) }),
});
const limited = defineRoute({ ...base, method: 'delete', path: '/api/limited', access: 'public', status: 204 });
const failing = defineRoute({ ...base, method: 'get', path: '/api/failing', access: 'public', status: 204 });

const viewer: RequestUser = {
  id: 'ab',
  email: 'v@example.com',
  role: 'viewer',
  mustChangePassword: false,
  sessionId: 's',
};
const id = '01900000-0000-7000-8000-000000000001';
const logged: object[] = [];
const limit = new RateLimit({ what: 'deletions', limit: 2, windowMs: 60_000 });
let failure: unknown;
let server: TestServer;

beforeAll(async () => {
  const app = express();
  const router = express.Router();
  mountRoutes(
    router,
    [
      handle(echo, ({ body, query }) => ({ name: body.name, limit: query.limit, at: new Date(0) })),
      handle(operatorsOnly, ({ user }) => ({ email: user.email })),
      handleAgentKey(withKey, async ({ apiKey }) => ({ apiKey })),
      handle(wrongAnswer, () => ({ count: 2 })),
      handle(limited, () => undefined, { limit }),
      handle(failing, () => {
        throw failure;
      }),
    ],
    {
      authenticateUser: async (request) => {
        if (request.headers.authorization === undefined) throw new Unauthorized('who?');
        return { ...viewer, role: request.headers.authorization === 'operator' ? 'operator' : 'viewer' };
      },
      authenticateAgent: () => Promise.reject(new Unauthorized('no agents here')),
      assertSameOrigin: () => undefined,
      checkResponses: true,
    },
  );
  app.use(router);
  const isDatabaseUnavailable = (error: unknown) => error instanceof Error && error.message === 'database away';
  app.use(answerErrors({ log: { error: (fields) => logged.push(fields) }, isDatabaseUnavailable }));
  server = await listenForTest(app);
});
afterAll(async () => {
  limit.close();
  await server.close();
});

async function call(method: string, path: string, body?: SentBody, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    ...(body !== undefined && { body }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? null : JSON.parse(text)) as unknown,
  };
}
const callEcho = (body: SentBody, headers?: Record<string, string>) => call('POST', `/api/echo/${id}`, body, headers);

describe('a mounted route', () => {
  it('hands on what the schemas parsed and writes Dates as ISO 8601', async () => {
    const answer = await callEcho('{"name":"a","extra":1}');
    expect(answer).toMatchObject({ status: 200, body: { name: 'a', limit: 3, at: '1970-01-01T00:00:00.000Z' } });
  });

  it('names every wrong field of path, query and body at once', async () => {
    const answer = await call('POST', '/api/echo/not-an-id?limit=9&offset=1', '{"port":"80"}');
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    const { errors, type } = answer.body as { errors: { field: string }[]; type: string };
    expect(type).toBe('https://flotilla.dev/problems/bad-request');
    expect(errors.map(({ field }) => field).toSorted()).toEqual(['id', 'limit', 'name', 'offset', 'port']);
  });

  it.each<[string, SentBody, Record<string, string>, number]>([
    ['malformed JSON', '{"name":', {}, 400],
    ['no object', '[]', {}, 400],
    ['a bare value', '"text"', {}, 400],
    ['no body', '', {}, 400],
    ['another type', 'name=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['another charset', '{}', { 'content-type': 'application/json; charset=iso-8859-1' }, 415],
    ['an unknown encoding', '{}', { 'content-encoding': 'lzma' }, 415],
    ['broken gzip', 'no gzip', { 'content-encoding': 'gzip' }, 400],
    ['too many bytes', JSON.stringify({ name: 'x'.repeat(MAX_BODY_BYTES) }), {}, 413],
    [
      'too many after inflation',
      gzipSync(JSON.stringify({ name: 'x'.repeat(MAX_BODY_BYTES) })),
      { 'content-encoding': 'gzip' },
      413,
    ],
    ['10,000 levels', `{"name":"a","more":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, {}, 400],
    ['10,000 levels, compressed', gzipSync(`{"more":${'{"a":'.repeat(10_000)}`), { 'content-encoding': 'gzip' }, 400],
  ])('refuses %s', async (_, body, headers, status) => {
    const answer = await callEcho(body, headers);
    expect(answer).toMatchObject({ status, body: { status, title: expect.any(String), detail: expect.any(String) } });
  });

  it('takes a compressed body and one of just the allowed size', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    expect((await callEcho(gzipSync('{"name":"a"}'), gzip)).status).toBe(200);
    const frame = JSON.stringify({ name: '' }).length;
    expect((await callEcho(JSON.stringify({ name: 'x'.repeat(MAX_BODY_BYTES - frame) }))).status).toBe(200);
  });

  it('checks who calls before it reads the body', async () => {
    expect((await call('POST', '/api/operate', '{"broken')).status).toBe(401);
    const viewerAnswer = await call('POST', '/api/operate', '{"broken', { authorization: 'viewer' });
    expect(viewerAnswer).toMatchObject({ status: 403, body: { detail: expect.stringContaining('role operator') } });
    expect((await call('POST', '/api/operate', '{"broken', { authorization: 'operator' })).status).toBe(400);
    expect((await call('POST', '/api/operate', '{}', { authorization: 'operator' })).status).toBe(200);
  });

  it('hands an API key on unchecked, and refuses what has not even its form', async () => {
    const apiKey = `flk_${'0'.repeat(32)}_${'a'.repeat(43)}`;
    const authorization = `bearer ${apiKey}`;
    expect((await call('GET', '/api/key', undefined, { authorization })).body).toEqual({ apiKey });
    const answer = await call('GET', '/api/key', undefined, { authorization: 'Basic YTpi' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="flotilla"');
    expect((await call('GET', '/api/key', undefined, { authorization: 'Bearer flk_1' })).status).toBe(401);
  });

  it('fails in tests when an answer does not fit its schema', async () => {
    expect((await call('GET', '/api/wrong')).status).toBe(500);
    expect(logged.at(-1)).toMatchObject({ err: { name: 'AnswerMismatch' }, status: 500 });
  });

  it('limits by address', async () => {
    expect((await call('DELETE', '/api/limited')).status).toBe(204);
    expect((await call('DELETE', '/api/limited')).status).toBe(204);
    const answer = await call('DELETE', '/api/limited');
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('errors', () => {
  it('tell a conflict with its members', async () => {
    failure = new Conflict('Taken.', { conflicts: [{ domain: 'a.example.com' }] });
    const answer = await call('GET', '/api/failing');
    expect(answer).toMatchObject({ status: 409, body: { detail: 'Taken.', conflicts: [{ domain: 'a.example.com' }] } });
  });

  it('tell nothing of the inside, and log it under the id that they carry', async () => {
    failure = new Error('password=hunter2 at /srv/secret.ts');
    const answer = await call('GET', '/api/failing');
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|secret/);
    expect(answer.body).toMatchObject({ instance: answer.headers.get('x-request-id') });
    expect(logged.at(-1)).toMatchObject({ err: failure, requestId: answer.headers.get('x-request-id') });
  });

  it('say when to come back while the database is away', async () => {
    failure = new Error('database away');
    const answer = await call('GET', '/api/failing');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
  });
});
