import {
  changePassword,
  getSeriesMetrics,
  getService,
  listAgents,
  login,
  updateService,
  type Session,
} from '@flotilla/contracts';
import { describe, expect, it, vi } from 'vitest';
import { createApiClient } from './api-client.ts';
import { ApiProblem, CoreUnreachable } from './api-problem.ts';

const SERVICE_ID = '0190b6f0-7c3e-7000-8000-0000000000a1';
const session = (accessToken: string): Session => ({
  accessToken,
  expiresAt: '2026-01-01T00:15:00Z',
  user: { id: SERVICE_ID, email: 'ann@example.com', role: 'operator', mustChangePassword: false },
});
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const unauthorized = () => json(401, { type: 'https://flotilla.dev/problems/unauthorized', title: 'No', status: 401 });

interface Sent {
  readonly path: string;
  readonly method: string | undefined;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A Core that answers with `answer`, and keeps what it was sent. */
function connect(answer: (request: Sent) => Response | Promise<Response>) {
  const sent: Sent[] = [];
  const onSessionEnded = vi.fn<() => void>();
  const onSessionRenewed = vi.fn<(renewed: Session) => void>();
  const client = createApiClient({
    onSessionEnded,
    onSessionRenewed,
    fetch: async (path, init) => {
      const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined;
      const request = {
        path: typeof path === 'string' ? path : '',
        method: init?.method,
        headers: new Headers(init?.headers),
        body,
      };
      sent.push(request);
      return answer(request);
    },
  });
  const renewals = () => sent.filter(({ path }) => path === '/api/auth/refresh').length;
  return { client, sent, renewals, onSessionEnded, onSessionRenewed };
}

/** A Core whose access token is `fresh` once the cookie was exchanged. */
const expiredSession = ({ path, headers }: Sent) => {
  if (path === '/api/auth/refresh') return json(200, session('fresh'));
  return headers.get('Authorization') === 'Bearer fresh' ? json(200, { items: [] }) : unauthorized();
};

describe('a call', () => {
  it('fills in path, query, headers and body of the route', async () => {
    const { client, sent } = connect(() => json(200, {}));
    client.setAccessToken('token');
    await client.call(getService, { params: { id: SERVICE_ID } });
    await client.call(listAgents, { query: { page: 2, search: 'a&b', status: undefined } });
    await client.call(changePassword, { body: { currentPassword: 'old', newPassword: 'new' } });
    expect(sent[0]).toMatchObject({ path: `/api/services/${SERVICE_ID}`, method: 'GET' });
    expect(sent[0]?.headers.get('Authorization')).toBe('Bearer token');
    expect(sent[1]?.path).toBe('/api/agents?page=2&search=a%26b');
    expect(sent[2]).toMatchObject({ method: 'POST', body: { currentPassword: 'old', newPassword: 'new' } });
  });

  it('repeats the name of a list, whose words may have commas', async () => {
    const { client, sent } = connect(() => json(200, {}));
    await client.call(getSeriesMetrics, { params: { id: SERVICE_ID }, query: { names: ['a{b="1",c="2"}', 'd'] } });
    expect(new URLSearchParams(sent[0]?.path.split('?')[1]).getAll('names')).toEqual(['a{b="1",c="2"}', 'd']);
  });

  it('sends no token with public routes', async () => {
    const { client, sent } = connect(() => json(200, session('x')));
    client.setAccessToken('old');
    await client.call(login, { body: { email: 'ann@example.com', password: 'x' } });
    expect(sent[0]?.headers.has('Authorization')).toBe(false);
  });
});

describe('an expired access token', () => {
  it('is renewed once for all calls that run into it', async () => {
    const { client, renewals, onSessionRenewed } = connect(expiredSession);
    client.setAccessToken('expired');
    await Promise.all(Array.from({ length: 5 }, () => client.call(listAgents, {})));
    expect(renewals()).toBe(1);
    expect(onSessionRenewed).toHaveBeenCalledOnce();
  });

  it('is renewed again when it expires again', async () => {
    const { client, renewals } = connect(expiredSession);
    client.setAccessToken('expired');
    await client.call(listAgents, {});
    client.setAccessToken('expired again');
    await client.call(listAgents, {});
    expect(renewals()).toBe(2);
  });

  it('ends the session when the cookie is worth nothing any more', async () => {
    const { client, renewals, onSessionEnded } = connect(unauthorized);
    client.setAccessToken('expired');
    await expect(client.call(listAgents, {})).rejects.toMatchObject({ status: 401 });
    expect(renewals()).toBe(1);
    expect(onSessionEnded).toHaveBeenCalledOnce();
  });

  it('is not renewed when a password was wrong', async () => {
    const { client, renewals, onSessionEnded } = connect(unauthorized);
    await expect(client.call(login, { body: { email: 'a@b.example', password: 'x' } })).rejects.toThrow(ApiProblem);
    expect(renewals()).toBe(0);
    expect(onSessionEnded).not.toHaveBeenCalled();
  });

  it('does not end the session while the Core is away', async () => {
    const { client, onSessionEnded } = connect(({ path }) =>
      path === '/api/auth/refresh' ? new Response('bad gateway', { status: 502 }) : unauthorized(),
    );
    client.setAccessToken('expired');
    await expect(client.call(listAgents, {})).rejects.toThrow(CoreUnreachable);
    expect(onSessionEnded).not.toHaveBeenCalled();
  });
});

describe('a download', () => {
  const file = { params: { id: SERVICE_ID }, query: { names: 'a', format: 'csv' } } as const;

  it('renews an expired token as every call does, and gives the file', async () => {
    const { client, renewals } = connect((request) => {
      const answer = expiredSession(request);
      return request.path.startsWith('/api/agents') && answer.ok ? new Response('time,a\r\n') : answer;
    });
    client.setAccessToken('expired');
    expect(await (await client.download(getSeriesMetrics, file)).text()).toBe('time,a\r\n');
    expect(renewals()).toBe(1);
  });

  it('never gives a refusal as a file', async () => {
    const { client } = connect(() => json(400, { type: 'x/bad-request', title: 'Bad request', status: 400 }));
    await expect(client.download(getSeriesMetrics, file)).rejects.toThrow(ApiProblem);
  });
});

describe('a failure', () => {
  const body = { name: 'shop', domains: ['a.example'], agentIds: [SERVICE_ID], target: { host: 'a', port: 1 } };
  const save = (answer: Response) =>
    connect(() => answer).client.call(updateService, { params: { id: SERVICE_ID }, body });

  it('carries the fields that the Core names', async () => {
    const errors = [{ field: 'target.port', message: 'must be a whole number' }];
    const answer = json(400, { type: 'x/bad-request', title: 'Bad request', status: 400, detail: 'wrong', errors });
    await expect(save(answer)).rejects.toMatchObject({ message: 'wrong', kind: 'bad-request', fieldProblems: errors });
  });

  it('carries the services that have a domain', async () => {
    const conflicts = [{ domain: 'a.example', serviceId: SERVICE_ID, serviceName: 'shop' }];
    const answer = json(409, { type: 'x/domain-conflict', title: 'Conflict', status: 409, conflicts });
    await expect(save(answer)).rejects.toMatchObject({ domainConflicts: conflicts, revisionConflict: null });
  });

  it.each([502, 504])('with %i and no problem document means that the Core is away', async (status) => {
    await expect(save(new Response('<html>', { status }))).rejects.toThrow(CoreUnreachable);
  });

  it('of the network means that the Core is away', async () => {
    const { client } = connect(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(client.call(listAgents, {})).rejects.toThrow(CoreUnreachable);
  });

  it('with 503 means the same, in the words of the Core or of its nginx', async () => {
    const answer = json(503, {
      type: 'x/unavailable',
      title: 'Unavailable',
      status: 503,
      detail: 'The database is away.',
    });
    await expect(save(answer)).rejects.toThrow(new CoreUnreachable('The database is away.'));
  });
});
