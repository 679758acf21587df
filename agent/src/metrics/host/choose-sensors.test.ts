import { describe, expect, it } from 'vitest';
import { chooseSensors, type FoundSensor } from './choose-sensors.ts';

let files = 0;
const found = (chip: string, label: string | null = null): FoundSensor => ({ file: `/f${(files += 1)}`, chip, label });
const names = (zones: FoundSensor[], chips: FoundSensor[]): string[] =>
  chooseSensors(zones, chips).map(({ name }) => name);

describe('chooseSensors', () => {
  it.each<[string, FoundSensor[], FoundSensor[], string[]]>([
    ['none', [], [], []],
    ['a zone and a chip', [found('x86_pkg_temp')], [found('nvme', 'Composite')], ['x86_pkg_temp', 'nvme Composite']],
    ['a chip without labels', [], [found('w83795'), found('w83795')], ['w83795', 'w83795 #2']],
    ['the zone once, which is there as a chip too', [found('cpu-thermal')], [found('cpu_thermal')], ['cpu-thermal']],
    [
      'a processor’s packages, not their cores',
      [],
      [
        found('coretemp', 'Package id 0'),
        found('coretemp', 'Core 0'),
        found('coretemp', 'Package id 1'),
        found('coretemp', 'Core 0'),
      ],
      ['coretemp Package id 0', 'coretemp Package id 1'],
    ],
    ['cores where there is no package', [], [found('coretemp', 'Core 0')], ['coretemp Core 0']],
    ['no disk that would have to spin for it', [], [found('drivetemp')], []],
  ])('chooses %s', (_, zones, chips, expected) => expect(names(zones, chips)).toEqual(expected));

  it('bounds their number, each with a name of its own', () => {
    const chosen = names(
      [],
      Array.from({ length: 100 }, () => found('nct6775')),
    );
    expect(chosen).toHaveLength(32);
    expect(new Set(chosen).size).toBe(32);
  });
});
