import type { MetricUnit } from '@flotilla/contracts';

const STEP = 1024;
/** Multiples that read well in units of 1024. */
const MULTIPLES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const MOST_STEPS = 4;
const PERCENT_STEP = 25;

/**
 * Distance of the marks on a chart's value axis; undefined where round decimal numbers are right. Those of bytes would be
 * 977 kB and 1.91 MB.
 * @param greatest the greatest value that is drawn
 */
export function chooseAxisStep(unit: MetricUnit, greatest: number, max: number | undefined): number | undefined {
  if (max === 100) return PERCENT_STEP;
  if (unit !== 'bytes' && unit !== 'bytesPerSecond') return undefined;
  const wanted = greatest / MOST_STEPS;
  const power = STEP ** Math.max(0, Math.floor(Math.log(Math.max(1, wanted)) / Math.log(STEP)));
  const multiple = MULTIPLES.find((candidate) => candidate * power >= wanted);
  return (multiple ?? STEP) * power;
}
