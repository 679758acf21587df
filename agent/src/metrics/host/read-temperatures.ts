import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withinBound, type Logger } from '@flotilla/runtime';
import { chooseSensors, type FoundSensor, type Sensor } from './choose-sensors.ts';
import { parseTemperature } from './parse-temperature.ts';

export interface Temperature {
  readonly sensor: string;
  readonly celsius: number;
}

/** A sensor may sit behind a slow bus, and answer late. */
const ANSWER_BOUND_MS = 1000;
/** Sensors come and go with their drivers; about every five minutes. */
const READINGS_PER_SEARCH = 20;

/** Reads all sensors of the host, one after the other; what is not there or makes no sense is left out. */
export function createTemperatureReader(hostRoot: string, logger: Logger): () => Promise<Temperature[]> {
  let sensors: readonly Sensor[] = [];
  let readings = 0;
  let open: Promise<Temperature[]> | null = null;

  const readAll = async (): Promise<Temperature[]> => {
    if (readings % READINGS_PER_SEARCH === 0) sensors = await findSensors(join(hostRoot, 'sys/class'));
    readings += 1;
    const found: Temperature[] = [];
    for (const { name, file } of sensors) {
      const celsius = parseTemperature((await readIfThere(file)) ?? '');
      if (celsius !== null) found.push({ sensor: name, celsius });
    }
    return found;
  };

  return async () => {
    // The last question is still open.
    if (open !== null) return [];
    const question = readAll();
    open = question;
    const close = (): void => {
      open = null;
    };
    question.then(close, close);
    try {
      return await withinBound('reading the temperatures', ANSWER_BOUND_MS, question);
    } catch (error) {
      logger.warn({ err: error }, 'temperatures are unknown');
      return [];
    }
  };
}

async function findSensors(folder: string): Promise<Sensor[]> {
  const zones: FoundSensor[] = [];
  for (const zone of await listInOrder(join(folder, 'thermal'), /^thermal_zone\d+$/)) {
    const kind = await readIfThere(join(zone, 'type'));
    if (kind !== null) zones.push({ file: join(zone, 'temp'), chip: kind.trim(), label: null });
  }
  const chips: FoundSensor[] = [];
  for (const chip of await listInOrder(join(folder, 'hwmon'), /^hwmon\d+$/)) {
    const inputs = await findInputs(chip);
    // Kernels before 3.13 have them one folder below.
    chips.push(...(inputs.length > 0 ? inputs : await findInputs(join(chip, 'device'))));
  }
  return chooseSensors(zones, chips);
}

async function findInputs(chip: string): Promise<FoundSensor[]> {
  const name = await readIfThere(join(chip, 'name'));
  if (name === null) return [];
  const inputs: FoundSensor[] = [];
  for (const file of await listInOrder(chip, /^temp\d+_input$/)) {
    const label = await readIfThere(file.replace(/input$/, 'label'));
    inputs.push({ file, chip: name.trim(), label: label?.trim() || null });
  }
  return inputs;
}

/** Full paths, by the number in the name. */
async function listInOrder(folder: string, pattern: RegExp): Promise<string[]> {
  const names = (await unlessGone(readdir(folder))) ?? [];
  return names
    .filter((name) => pattern.test(name))
    .sort((one, other) => numberIn(one) - numberIn(other))
    .map((name) => join(folder, name));
}

function numberIn(name: string): number {
  return Number(name.replaceAll(/\D/g, ''));
}

function readIfThere(file: string): Promise<string | null> {
  return unlessGone(readFile(file, 'utf8'));
}

/** Drivers answer with many errors for a sensor that sleeps, is not connected, or has just gone. */
async function unlessGone<Result>(reading: Promise<Result>): Promise<Result | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
