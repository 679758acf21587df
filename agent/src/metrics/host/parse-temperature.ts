/** Sensors that are not connected read as the ends of their range: 0, 127, 255, −273. */
const COLDEST_CELSIUS = 0;
const HOTTEST_CELSIUS = 125;

/** A file of `/sys/class/thermal` or `/sys/class/hwmon`, which count in thousandths. Null for what no running host has. */
export function parseTemperature(text: string): number | null {
  const celsius = /^-?\d+\n?$/.test(text) ? Number(text) / 1000 : NaN;
  return celsius > COLDEST_CELSIUS && celsius < HOTTEST_CELSIUS ? celsius : null;
}
