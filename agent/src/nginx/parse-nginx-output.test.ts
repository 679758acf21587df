import { describe, expect, it } from 'vitest';
import {
  formatComplaints,
  isBindGivenUp,
  parseBindPort,
  parseComplaints,
  parseUnknownVariable,
} from './parse-nginx-output.ts';
import { isAtLeast, parseNginxVersion } from './render-options.ts';

const bindLog = `2026/11/23 04:00:00 [emerg] 12#12: bind() to 0.0.0.0:8444 failed (98: Address already in use)
2026/11/23 04:00:00 [notice] 12#12: try again to bind() after 500ms
2026/11/23 04:00:01 [emerg] 12#12: bind() to 0.0.0.0:8444 failed (98: Address already in use)
2026/11/23 04:00:02 [emerg] 12#12: still could not bind()
`;

describe('parseComplaints', () => {
  it.each([
    {
      output:
        'nginx: [warn] conflicting server name\nnginx: [emerg] host not found in upstream "x" in /n/sites/a.conf:3\nnginx: configuration file /n/nginx.conf test failed\n',
      expected: [{ words: 'host not found in upstream "x" in /n/sites/a.conf:3', file: '/n/sites/a.conf' }],
    },
    {
      output: 'nginx: [emerg] unknown "nope" variable\n',
      expected: [{ words: 'unknown "nope" variable', file: null }],
    },
    { output: 'nginx: configuration file /n/nginx.conf test is successful\n', expected: [] },
  ])('reads $output', ({ output, expected }) => {
    expect(parseComplaints(output)).toEqual(expected);
  });
});

describe('formatComplaints', () => {
  it('says what matters once', () => {
    expect(formatComplaints(bindLog)).toBe('bind() to 0.0.0.0:8444 failed (98: Address already in use)');
  });
  it.each([
    { output: 'Segmentation fault\n', expected: 'Segmentation fault' },
    { output: '', expected: 'nginx failed without saying why' },
    { output: 'nginx: [emerg] still could not bind()\n', expected: 'still could not bind()' },
  ])('makes do with $output', ({ output, expected }) => {
    expect(formatComplaints(output)).toBe(expected);
  });
});

it.each([
  { words: 'bind() to 0.0.0.0:8444 failed (98: Address already in use)', port: 8444 },
  { words: 'bind() to [::]:80 failed (13: Permission denied)', port: 80 },
  { words: 'bind() to unix:/n/run/control.sock failed (98: Address already in use)', port: null },
])('parseBindPort: $words → $port', ({ words, port }) => {
  expect(parseBindPort(words)).toBe(port);
});

it.each([
  { words: 'unknown "nope" variable', variable: 'nope' },
  { words: 'unknown "nope" variable in /n/sites/a.conf:3', variable: null },
])('parseUnknownVariable: $words → $variable', ({ words, variable }) => {
  expect(parseUnknownVariable(words)).toBe(variable);
});

it('isBindGivenUp', () => {
  expect(parseComplaints(bindLog).map(({ words }) => isBindGivenUp(words))).toEqual([false, false, true]);
});

describe('nginx versions', () => {
  it.each([
    { text: 'nginx version: nginx/1.22.1', version: [1, 22, 1] },
    { text: 'nginx version: nginx/1.29.0 (Ubuntu)', version: [1, 29, 0] },
    { text: 'Apache/2.4', version: null },
  ])('reads $text', ({ text, version }) => {
    expect(parseNginxVersion(text)).toEqual(version);
  });

  it.each([
    { version: [1, 25, 1] as const, isRecent: true },
    { version: [1, 25, 0] as const, isRecent: false },
    { version: [1, 26, 0] as const, isRecent: true },
    { version: [2, 0, 0] as const, isRecent: true },
    { version: [1, 22, 9] as const, isRecent: false },
  ])('$version is at least 1.25.1: $isRecent', ({ version, isRecent }) => {
    expect(isAtLeast(version, [1, 25, 1])).toBe(isRecent);
  });
});
