import { describe, expect, it } from 'vitest';
import { parseLoadavg } from './parse-loadavg.ts';
import { parsePressure } from './parse-pressure.ts';
import { parseTemperature } from './parse-temperature.ts';
import { parseUptime } from './parse-uptime.ts';
import { readProcOf } from './testing/kernel-files.ts';

describe('parseLoadavg', () => {
  it.each([
    ['linux-4.19-debian10', { load1: 14.02, load5: 12.77, load15: 11.9 }],
    ['linux-6.1-debian12-arm64', { load1: 0, load5: 0.01, load15: 0 }],
    ['linux-6.18-microvm', { load1: 4.63, load5: 4.58, load15: 4.17 }],
  ])('reads %s', (host, load) => expect(parseLoadavg(readProcOf(host, 'loadavg'))).toEqual(load));

  it.each(['', '0.1 0.2\n', '-1.00 0.00 0.00 1/1 1\n', 'x y z 1/1 1\n'])('knows nothing from %j', (text) =>
    expect(parseLoadavg(text)).toBeNull(),
  );
});

describe('parseUptime', () => {
  it.each([
    [readProcOf('linux-3.10-centos7', 'uptime'), 1_034_223.19],
    ['12 9\n', 12],
    ['', null],
    ['-1.5 2.0\n', null],
    ['soon\n', null],
  ])('reads %j', (text, seconds) => expect(parseUptime(text)).toBe(seconds));
});

describe('parsePressure', () => {
  it.each([
    [readProcOf('linux-5.15-ubuntu22', 'pressure/cpu'), 3.21],
    [readProcOf('linux-5.15-ubuntu22', 'pressure/io'), 12.45],
    [readProcOf('linux-6.18-microvm', 'pressure/cpu'), 63.41],
    ['some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n', 0],
    // Without the line for `full`, as the processor's file was before Linux 5.13.
    ['some avg10=99.99 avg60=0.00 avg300=0.00 total=1\n', 99.99],
    ['full avg10=5.00 avg60=0.00 avg300=0.00 total=0\n', null],
    ['', null],
  ])('reads %j', (text, percent) => expect(parsePressure(text)).toBe(percent));
});

describe('parseTemperature', () => {
  it.each([
    ['45000\n', 45],
    ['27800', 27.8],
    ['124999\n', 124.999],
    ['0\n', null],
    ['-1\n', null],
    ['-273150\n', null],
    ['127500\n', null],
    ['4294967295\n', null],
    ['', null],
    ['N/A\n', null],
  ])('reads %j', (text, celsius) => expect(parseTemperature(text)).toBe(celsius));
});
