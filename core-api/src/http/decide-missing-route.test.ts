import { getAgent, listServices, createService, registerAgent } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { decideMissingRoute } from './decide-missing-route.ts';

const routes = [getAgent, listServices, createService, registerAgent];

describe('decideMissingRoute', () => {
  it.each([
    ['GET', '/api/nothing', 404, undefined],
    ['GET', '/api/agents', 404, undefined],
    ['DELETE', '/api/services', 405, 'GET, POST'],
    ['PUT', '/api/services/', 405, 'GET, POST'],
    ['PUT', '/api/agents/register', 405, 'GET, POST'],
    ['POST', '/api/agents/some-id', 405, 'GET'],
    ['GET', '/api/agents/', 404, undefined],
  ])('%s %s → %i', (method, path, status, allow) => {
    const problem = decideMissingRoute(routes, method, path);
    expect(problem.status).toBe(status);
    expect(problem.headers['Allow']).toBe(allow);
  });
});
