import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../testing/memory-log.ts';
import { waitUntil } from '../../testing/wait-until.ts';
import { createTemperatureReader } from './read-temperatures.ts';
import { createHostFolder } from './testing/host-folder.ts';

describe('createTemperatureReader', () => {
  it('reads thermal zones and chips, and leaves out what makes no sense', async () => {
    await using host = await createHostFolder();
    await host.write('sys/class/thermal/thermal_zone0/type', 'x86_pkg_temp\n');
    await host.write('sys/class/thermal/thermal_zone0/temp', '51000\n');
    await host.write('sys/class/thermal/thermal_zone10/type', 'acpitz\n');
    await host.write('sys/class/thermal/thermal_zone10/temp', '-274000\n');
    await host.write('sys/class/thermal/thermal_zone2/type', 'pch\n');
    await host.write('sys/class/thermal/thermal_zone2/temp', '44500\n');
    await host.write('sys/class/thermal/cooling_device0/type', 'Fan\n');
    await host.write('sys/class/hwmon/hwmon0/name', 'nvme\n');
    await host.write('sys/class/hwmon/hwmon0/temp1_input', '38850\n');
    await host.write('sys/class/hwmon/hwmon0/temp1_label', 'Composite\n');
    await host.write('sys/class/hwmon/hwmon0/temp1_crit', '84850\n');
    await host.write('sys/class/hwmon/hwmon0/temp2_input', '127500\n');
    expect(await createTemperatureReader(host.root, createMemoryLog().logger)()).toEqual([
      { sensor: 'x86_pkg_temp', celsius: 51 },
      { sensor: 'pch', celsius: 44.5 },
      { sensor: 'nvme Composite', celsius: 38.85 },
    ]);
  });

  it('reads chips of old kernels, one folder below', async () => {
    await using host = await createHostFolder();
    await host.write('sys/class/hwmon/hwmon0/device/name', 'k10temp\n');
    await host.write('sys/class/hwmon/hwmon0/device/temp1_input', '47250\n');
    expect(await createTemperatureReader(host.root, createMemoryLog().logger)()).toEqual([
      { sensor: 'k10temp', celsius: 47.25 },
    ]);
  });

  it('notices that a sensor is gone', async () => {
    await using host = await createHostFolder();
    await host.write('sys/class/thermal/thermal_zone0/type', 'cpu-thermal\n');
    await host.write('sys/class/thermal/thermal_zone0/temp', '60000\n');
    const read = createTemperatureReader(host.root, createMemoryLog().logger);
    expect(await read()).toHaveLength(1);
    await host.remove('sys/class/thermal/thermal_zone0');
    expect(await read()).toEqual([]);
  });

  it('waits a bounded time for a sensor that does not answer, and reads again when it has', async () => {
    await using host = await createHostFolder();
    await host.write('sys/class/thermal/thermal_zone0/type', 'slow\n');
    const file = join(host.root, 'sys/class/thermal/thermal_zone0/temp');
    // Whoever reads a pipe waits for one who writes.
    execFileSync('/usr/bin/mkfifo', [file]);
    const { logger, text } = createMemoryLog();
    const read = createTemperatureReader(host.root, logger);
    expect(await read()).toEqual([]);
    const again = performance.now();
    expect(await read()).toEqual([]);
    expect(performance.now() - again).toBeLessThan(500);
    expect(text().match(/temperatures are unknown/g)).toHaveLength(1);

    await writeFile(file, '42000\n');
    await rm(file);
    await writeFile(file, '43000\n');
    await waitUntil('the sensor answers', async () => (await read())[0]?.celsius === 43);
  });

  it('finds none where there is no /sys, and says nothing', async () => {
    await using host = await createHostFolder();
    const { logger, text } = createMemoryLog();
    expect(await createTemperatureReader(host.root, logger)()).toEqual([]);
    expect(text()).toBe('');
  });
});
