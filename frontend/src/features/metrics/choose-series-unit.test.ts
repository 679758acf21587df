import { expect, it } from 'vitest';
import { chooseSeriesUnit } from './choose-series-unit.ts';

it.each([
  ['host.disk.sda.readBytesPerSecond', 'bytesPerSecond'],
  ['host.filesystem./var/lib.data.usedBytes', 'bytes'],
  ['host.core.0.cpuPercent', 'percent'],
  ['host.temperature.coretemp.celsius', 'celsius'],
  ['host.core.0.invented', 'ratio'],
  ['usedBytes', 'ratio'],
  ['app.host.usedBytes', 'ratio'],
])('%s has the unit %s', (name, unit) => {
  expect(chooseSeriesUnit(name)).toBe(unit);
});
