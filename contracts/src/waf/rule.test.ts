import { describe, expect, it } from 'vitest';
import { rule, ruleSettings, type RuleSettingsDraft } from './rule.ts';

const match: RuleSettingsDraft['match'] = { of: 'suspicious', classes: ['sql_injection', 'xss'] };
const bucket = { capacity: 10, leakPerSecond: 0.1 };
const ban = { kind: 'ban', durationMs: 3_600_000, reach: 'fleet' } as const;
const escalation = { factor: 2, maxDurationMs: 7_200_000, memoryMs: 86_400_000 };

function buildSettings(change: Partial<RuleSettingsDraft> = {}): RuleSettingsDraft {
  return { name: 'Injection', match, threshold: { bucket }, action: ban, ...change };
}

function findProblems(change: object): string[] {
  const parsed = ruleSettings.safeParse({ ...buildSettings(), ...change });
  return parsed.error?.issues.map(({ path }) => path.join('.')) ?? [];
}

describe('a rule', () => {
  it('needs little to be written', () => {
    expect(ruleSettings.parse(buildSettings())).toMatchObject({
      isEnabled: true,
      isDryRun: false,
      grouping: 'client',
      match: { minClasses: 1, paths: [], statuses: [], userAgentPattern: null },
      threshold: { distinctPaths: null, windowMs: 60_000 },
      escalation: null,
    });
  });

  it.each<[string, object]>([
    ['statuses and classes of them', { match: { ...match, statuses: [404, '5xx'] } }],
    ['a window of a day', { threshold: { distinctPaths: 1, windowMs: 86_400_000 } }],
    ['a window of a second', { threshold: { distinctPaths: 1, windowMs: 1000 } }],
    ['an autonomous system that is only recorded', { grouping: 'asn', action: { kind: 'record' } }],
    ['all requests', { match: { of: 'volume' }, threshold: { bucket, distinctNodes: 2 } }],
    ['longer bans for those who come again', { escalation }],
  ])('may have %s', (_, change) => expect(findProblems(change)).toEqual([]));

  it.each<[string, object, string]>([
    ['no name', { name: '' }, 'name'],
    ['a typo', { isDryrun: true }, ''],
    ['a bucket of 0', { threshold: { bucket: { ...bucket, capacity: 0 } } }, 'threshold.bucket.capacity'],
    [
      'a bucket that leaks nothing',
      { threshold: { bucket: { ...bucket, leakPerSecond: 0 } } },
      'threshold.bucket.leakPerSecond',
    ],
    [
      'a bucket for years',
      { threshold: { bucket: { capacity: 10, leakPerSecond: 1e-6 } } },
      'threshold.bucket.leakPerSecond',
    ],
    ['0 services', { threshold: { distinctServices: 0 } }, 'threshold.distinctServices'],
    ['0 nodes', { threshold: { distinctNodes: 0 } }, 'threshold.distinctNodes'],
    ['0 paths', { threshold: { distinctPaths: 0 } }, 'threshold.distinctPaths'],
    ['no threshold', { threshold: {} }, 'threshold'],
    ['a share alone', { threshold: { minShare: 0.5 } }, 'threshold'],
    ['a window of a year', { threshold: { distinctPaths: 1, windowMs: 31_536_000_000 } }, 'threshold.windowMs'],
    ['a window of nothing', { threshold: { distinctPaths: 1, windowMs: 0 } }, 'threshold.windowMs'],
    ['an unknown class', { match: { ...match, classes: ['mood'] } }, 'match.classes.0'],
    ['more classes than there are', { match: { ...match, minClasses: 3 } }, 'match.minClasses'],
    ['a path that is none', { match: { ...match, paths: ['wp-login.php'] } }, 'match.paths.0'],
    ['a status that is none', { match: { ...match, statuses: [200, 42] } }, 'match.statuses.1'],
    ['a method that is none', { match: { ...match, methods: ['G E T'] } }, 'match.methods.0'],
    ['a pattern without end', { match: { ...match, userAgentPattern: 'a'.repeat(501) } }, 'match.userAgentPattern'],
    ['a ban of no time', { action: { ...ban, durationMs: 0 } }, 'action.durationMs'],
    ['a ban of a year', { action: { ...ban, durationMs: 31_536_000_000 } }, 'action.durationMs'],
    ['a ban of the world', { action: { ...ban, reach: 'world' } }, 'action.reach'],
    ['a ban of an autonomous system', { grouping: 'asn' }, 'grouping'],
    ['a share of all', { match: { of: 'volume' }, threshold: { bucket, minShare: 0.5 } }, 'threshold.minShare'],
    ['escalation of nothing', { action: { kind: 'record' }, escalation }, 'escalation'],
    ['escalation downwards', { escalation: { ...escalation, maxDurationMs: 60_000 } }, 'escalation.maxDurationMs'],
  ])('must not have %s', (_, change, path) => expect(findProblems(change)).toEqual([path]));

  it.each([
    ['wordpress-login', true],
    ['0190a0b0-1111-7222-8333-444455556666', true],
    ['WordPress', false],
    ['../x', false],
    ['', false],
  ])('has the id %j: %j', (id, isTaken) => {
    expect(rule.safeParse({ ...buildSettings(), id, origin: 'own' }).success).toBe(isTaken);
  });
});
