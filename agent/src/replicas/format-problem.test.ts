import { MAX_REPLICA_REASON_LENGTH } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import {
  formatExit,
  formatImageProblem,
  formatLateness,
  formatRollback,
  formatServiceProblem,
  formatStartProblem,
} from './format-problem.ts';

const exit = { exitCode: 1, wasOutOfMemory: false, error: '' };

describe('problems of replicas', () => {
  it.each([
    ['manifest unknown', 'Check the image’s name and tag'],
    ['dial tcp: lookup registry.example.com: no such host', 'whether this node reaches the registry'],
    ['unauthorized: authentication required', 'Check the registry’s user and password'],
    ['pull access denied for web, repository does not exist', 'Check the registry’s user and password'],
  ])('say what to do about an image: %s', (words, remedy) => {
    const text = formatImageProblem('web:1', words);
    expect(text).toContain(words);
    expect(text).toContain(remedy);
  });

  it.each<[object, string[], string]>([
    [exit, [], 'The container ended with exit code 1. It wrote nothing.'],
    [exit, ['no database', 'bye'], 'The container ended with exit code 1. It wrote last: no database ⏎ bye'],
    [{ exitCode: 137 }, [], 'The container ended with exit code 137 (killed from outside). It wrote nothing.'],
    [
      { error: 'no such file: /start' },
      [],
      'Docker could not run the container: no such file: /start. It wrote nothing.',
    ],
  ])('say how a container ended: %j %j', (change, lines, text) => {
    expect(formatExit({ ...exit, ...change }, lines)).toBe(text);
  });

  it('name memory as the reason', () => {
    expect(formatExit({ exitCode: 137, wasOutOfMemory: true, error: '' }, [])).toMatch(
      /memory.*Raise the memory limit/,
    );
  });

  it('say what a late one answered', () => {
    expect(formatLateness(60_000, 'answers GET / on port 80 with 500')).toBe(
      'The container did not become ready within 60 s: it answers GET / on port 80 with 500.',
    );
    expect(formatLateness(1500, null)).toContain('1.5 s: it was not asked yet');
  });

  it('keep to the bounds of a report', () => {
    const long = 'x'.repeat(10_000);
    for (const text of [formatRollback(long), formatStartProblem(long), formatExit(exit, [long])]) {
      expect(text).toHaveLength(MAX_REPLICA_REASON_LENGTH);
    }
  });

  it.each([
    ['settled', 'died once', null, null],
    ['settled', '', 'nginx: no', 'nginx: no'],
    ['progressing', 'died', 'nginx: no', 'died'],
    ['progressing', '', null, null],
    ['rolled_back', 'died', null, formatRollback('died')],
  ] as const)('tell of a service that is %s, with %j and %j: %j', (rollout, failure, roster, problem) => {
    expect(formatServiceProblem(rollout, failure, roster)).toBe(problem);
  });
});
