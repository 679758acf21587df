/** One file that says a temperature, as it was found. */
export interface FoundSensor {
  readonly file: string;
  /** The chip's driver (`coretemp`), or the kind of a thermal zone (`x86_pkg_temp`). */
  readonly chip: string;
  /** What the chip calls it, such as `Package id 0`; null for a thermal zone and where it has no name. */
  readonly label: string | null;
}

export interface Sensor {
  /** Unique on the host. */
  readonly name: string;
  readonly file: string;
}

const MAX_SENSORS = 32;

/** Asking a disk how warm it is keeps some from spinning down. */
const NOT_ASKED: ReadonlySet<string> = new Set(['drivetemp']);

/**
 * The sensors to read, in the order in which they were found, thermal zones first. Where a processor tells the temperature
 * of the whole package, its cores, which must be woken to be asked, are left alone; a chip that stands for a thermal zone
 * is that zone once more.
 */
export function chooseSensors(zones: readonly FoundSensor[], chips: readonly FoundSensor[]): Sensor[] {
  const zoneKinds = new Set(zones.map(({ chip }) => chip.replaceAll('-', '_')));
  const hasPackages = chips.some(isPackage);
  const wanted = chips.filter(
    (sensor) =>
      !NOT_ASKED.has(sensor.chip) &&
      !zoneKinds.has(sensor.chip) &&
      !(hasPackages && sensor.chip === 'coretemp' && !isPackage(sensor)),
  );
  const taken = new Map<string, number>();
  return [...zones, ...wanted].slice(0, MAX_SENSORS).map(({ file, chip, label }) => {
    const name = label === null ? chip : `${chip} ${label}`;
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return { file, name: count === 1 ? name : `${name} #${count}` };
  });
}

function isPackage({ chip, label }: FoundSensor): boolean {
  return chip === 'coretemp' && label !== null && /^(Package|Physical) id /.test(label);
}
