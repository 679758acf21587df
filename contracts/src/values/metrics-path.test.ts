import { describe, expect, it } from 'vitest';
import { MAX_METRICS_PATH_LENGTH, metricsPath } from './metrics-path.ts';

describe('metricsPath', () => {
  it.each([
    '/',
    '/metrics',
    '/v1/metrics?format=prometheus&x=1',
    '/a%20b',
    `/${'a'.repeat(MAX_METRICS_PATH_LENGTH - 1)}`,
  ])('takes %s', (path) => expect(metricsPath.parse(path)).toBe(path));

  it('takes away spaces around it', () => expect(metricsPath.parse(' /metrics ')).toBe('/metrics'));

  it.each([
    '',
    'metrics',
    '//10.0.0.1/metrics',
    'http://10.0.0.1/metrics',
    '/a b',
    '/a\tb',
    '/a\r\nHost: b',
    '/a\u0000',
    '/a#b',
    '/é',
    '/a\\b',
    '/a"b',
    `/${'a'.repeat(MAX_METRICS_PATH_LENGTH)}`,
  ])('refuses %j', (path) => expect(metricsPath.safeParse(path).success).toBe(false));
});
