import { describe, expect, it } from 'vitest';
import { LIMITER_DEFAULTS } from '../limiter/request-limiter.ts';
import { shippedRules } from '../rules/shipped-rules.ts';
import { FleetReplay } from './fleet-replay.ts';
import { banOf, type ReplayedBan } from './format-ban.ts';
import type { LoggedRequest } from './logged-request.ts';
import { buildLogged, type Ask } from './testing/build-requests.ts';
import { buildSessions } from './testing/build-sessions.ts';

function replay(requests: readonly LoggedRequest[]): ReplayedBan[] {
  const fleet = new FleetReplay(shippedRules, LIMITER_DEFAULTS.limit);
  return requests.flatMap((request) => fleet.observe(request)).flatMap((decision) => banOf(decision) ?? []);
}

function attack(count: number, everyS: number, ask: (index: number) => Omit<Ask, 'at'>, from = 300): LoggedRequest[] {
  return Array.from({ length: count }, (_, index) => buildLogged({ at: from + index * everyS, ...ask(index) }));
}

const node = (index: number) => ['a', 'b', 'c'][index % 3] ?? 'a';
const ATTACKS: Record<string, LoggedRequest[]> = {
  'injection 203.0.113.1': attack(3, 20, () => ({
    address: '203.0.113.1',
    path: '/search',
    classes: ['sql_injection'],
  })),
  'probing 203.0.113.2': attack(40, 0.5, (index) => ({
    address: '203.0.113.2',
    path: `/cgi-bin/x${index}`,
    status: 404,
    node: node(index),
  })),
  'wordpress-login 203.0.113.3': attack(30, 9, (index) => ({
    address: '203.0.113.3',
    path: '/wp-login.php',
    method: 'POST',
    service: `site-${index}`,
    node: node(index),
  })),
  'login-failures 203.0.113.4': attack(60, 1, () => ({
    address: '203.0.113.4',
    path: '/login',
    method: 'POST',
    status: 401,
  })),
  'login-attempts 203.0.113.5': attack(60, 1, () => ({
    address: '203.0.113.5',
    path: '/wp-login.php',
    method: 'POST',
    service: 'blog',
  })),
  'bad-user-agents 203.0.113.6': attack(9, 3, (index) => ({
    address: '203.0.113.6',
    path: `/${index}`,
    classes: ['scanner_agent'],
    agent: 'Nikto',
  })),
  'limiter 203.0.113.7': attack(2000, 0.004, () => ({ address: '203.0.113.7', path: '/' })),
  'request-flood 203.0.113.8': attack(12_000, 0.005, (index) => ({
    address: '203.0.113.8',
    path: '/',
    node: node(index),
  })),
  'crawling 2001:db8:bad:1::/64': attack(3000, 0.04, (index) => ({
    address: `2001:db8:bad:1::${index.toString(16)}`,
    path: `/item/${index}`,
  })),
  'service-sweep 203.0.113.9': attack(6, 5, (index) => ({
    address: '203.0.113.9',
    path: '/.env',
    status: 404,
    service: `site-${index}`,
    classes: ['sensitive_path'],
  })),
  'auth-failures 203.0.113.10': attack(600, 0.1, () => ({ address: '203.0.113.10', path: '/private/', status: 401 })),
  'sensitive-paths 203.0.113.11': attack(8, 5, (index) => ({
    address: '203.0.113.11',
    path: `/backup-${index}.sql`,
    status: 404,
    classes: ['sensitive_path'],
  })),
};

describe('ordinary traffic of a fleet', () => {
  const sessions = buildSessions(1);

  it('bans nobody', () => {
    expect(sessions.length).toBeGreaterThan(50_000);
    expect(new Set(sessions.map(({ nodeId }) => nodeId)).size).toBe(3);
    expect(replay(sessions)).toEqual([]);
  }, 60_000);

  it('hides no attacker, and is hit by none', () => {
    const mixed = [...sessions, ...Object.values(ATTACKS).flat()].toSorted((one, other) => one.timeMs - other.timeMs);
    const found = replay(mixed).map(({ rule, client }) => `${rule} ${client}`);
    expect(new Set(found)).toEqual(new Set(Object.keys(ATTACKS)));
  }, 60_000);
});
