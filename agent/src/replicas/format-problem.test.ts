import { MAX_REPLICA_REASON_LENGTH } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import {
  formatExit,
  formatIllness,
  formatImageProblem,
  formatLateness,
  formatRollback,
  formatRosterProblem,
  formatServiceProblem,
  formatStartProblem,
} from './format-problem.ts';

const exit = { exitCode: 1, wasOutOfMemory: false, memoryLimitBytes: null, error: '' };
const closed = {
  reason: 'does not accept connections on port 80 (ECONNREFUSED)',
  remedy: 'Let the application listen on port 80.',
};

describe('problems of replicas', () => {
  it.each([
    ['manifest unknown', 'Check the image’s name and tag'],
    ['dial tcp: lookup registry.example.com: no such host', 'whether this node reaches the registry'],
    ['unauthorized: authentication required', 'Check the registry’s user and password'],
    ['Get "https://registry.example.com/v2/": no basic auth credentials', 'Check the registry’s user and password'],
    ['pull access denied for web, repository does not exist', 'Check the registry’s user and password'],
    ['toomanyrequests: You have reached your pull rate limit', 'Give a user and password of the registry'],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'made for this node’s processor'],
    ['failed to register layer: write /big: no space left on device', 'Free space on this node’s disk'],
  ])('say what to do about an image: %s', (words, remedy) => {
    const text = formatImageProblem('web:1', words);
    expect(text).toContain(words);
    expect(text).toContain(remedy);
  });

  it.each([
    ['network shop_default not found', 'Make this network on the node'],
    ['invalid mount config for type "bind": bind source path does not exist: /srv/x', 'Make the folder on this node'],
    ['OCI runtime create failed: exec: "/nope": stat /nope: no such file or directory', 'Check entrypoint and command'],
    ['OCI runtime create failed: exec: "/www": permission denied: unknown', 'a program that may be executed'],
    ['Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available', 'Correct the limits of CPU and memory'],
    ['fork/exec /proc/self/exe: cannot allocate memory', 'Give this node more memory'],
    ['mkdir /var/lib/docker/x: no space left on device', 'Free space on this node’s disk'],
    ['something new', 'Correct what Docker names'],
  ])('say what to do when Docker does not start a container: %s', (words, remedy) => {
    const text = formatStartProblem(words);
    expect(text).toContain(words);
    expect(text).toContain(remedy);
    expect(formatExit({ ...exit, error: words }, []), 'Docker tells later sometimes').toContain(remedy);
  });

  it.each<[object, string[], string]>([
    [exit, [], 'The container ended with exit code 1. Check its command, environment and volumes. It wrote nothing.'],
    [
      exit,
      ['no database', 'bye'],
      'The container ended with exit code 1. Check its command, environment and volumes. It wrote last: no database ⏎ bye',
    ],
    [
      { exitCode: 0 },
      [],
      'The container ended with exit code 0. Its command has come to an end: choose one that goes on, and stays in the foreground. It wrote nothing.',
    ],
    [
      { exitCode: 137 },
      [],
      'The container ended with exit code 137. It was killed: look on this node for who did, or whether memory was short. It wrote nothing.',
    ],
    [
      { exitCode: 137, wasOutOfMemory: true, memoryLimitBytes: 16 * 2 ** 20 },
      ['working'],
      'The container ran out of memory: it needs more than its limit of 16 MiB. Raise the memory limit, or let the application need less. It wrote last: working',
    ],
    [
      { exitCode: 137, wasOutOfMemory: true },
      [],
      'The container ran out of memory: this node has no more. Give the node more memory, or run less on it. It wrote nothing.',
    ],
  ])('say how a container ended, and what to do: %j %j', (change, lines, text) => {
    expect(formatExit({ ...exit, ...change }, lines)).toBe(text);
  });

  it('say what a late one answered, and what to do', () => {
    expect(formatLateness(60_000, closed)).toBe(
      'The container did not become ready within 60 s: it does not accept connections on port 80 (ECONNREFUSED). Let the application listen on port 80. If it only takes long, raise the time to become ready.',
    );
    expect(formatLateness(1500, null)).toContain('1.5 s: it was not asked yet. Look whether this node is overloaded.');
  });

  it('say why one is replaced that still runs, and what to do', () => {
    expect(formatIllness(closed)).toBe(
      'The container was ready, and is replaced: it does not accept connections on port 80 (ECONNREFUSED). Let the application listen on port 80.',
    );
    expect(formatIllness(null)).toContain('it lost its health. Look at its log.');
  });

  it('say what nginx refuses, and what to do', () => {
    expect(formatRosterProblem('nginx: [emerg] no')).toBe(
      'nginx does not take the replicas, and goes on with those before: nginx: [emerg] no. Correct what it names in the service’s settings; it is tried again by itself.',
    );
  });

  it('keep to the bounds of a report, and to the remedy', () => {
    const long = 'x'.repeat(10_000);
    for (const text of [formatRollback(long), formatStartProblem(long), formatExit(exit, [long])]) {
      expect(text).toHaveLength(MAX_REPLICA_REASON_LENGTH);
    }
    expect(formatStartProblem(long)).toMatch(/x… Correct what Docker names/);
    expect(formatImageProblem('web', long)).toMatch(/x… Check the image’s name/);
    expect(formatExit({ ...exit, error: long }, [])).toMatch(/x… Correct what Docker names/);
    expect(formatExit(exit, [long])).toContain('Check its command');
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
