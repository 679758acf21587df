import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChooseNames } from './choose-names.ts';
import { choosePhysicalDisks } from './choose-physical-disks.ts';
import { choosePhysicalInterfaces, type InterfaceFacts } from './choose-physical-interfaces.ts';

/** By `/sys/block`, which the kernel answers from memory. */
export function readPhysicalDisks(hostRoot: string, names: readonly string[]): readonly string[] {
  const folder = join(hostRoot, 'sys/block');
  // A name's slash (`cciss/c0d0`) is an exclamation mark there.
  const hasDevice = (name: string): boolean => existsSync(join(folder, name.replaceAll('/', '!'), 'device'));
  return choosePhysicalDisks(names, existsSync(folder) ? hasDevice : null);
}

/** By `/sys/class/net`, which shows the network namespace that it was mounted in. */
export function readPhysicalInterfaces(hostRoot: string, names: readonly string[]): readonly string[] {
  const folder = join(hostRoot, 'sys/class/net');
  const factsOf = (name: string): InterfaceFacts => {
    const hasDevice = existsSync(join(folder, name, 'device'));
    // Hundreds of containers' ends are not worth a second look.
    return { hasDevice, hasMasterWithDevice: hasDevice && existsSync(join(folder, name, 'master/device')) };
  };
  return choosePhysicalInterfaces(names, existsSync(folder) ? factsOf : null);
}

/** Asks again when the names are others than before, and when it is told to forget. */
export function rememberDevices(read: ChooseNames): { readonly choose: ChooseNames; readonly forget: () => void } {
  let known: { readonly names: string; readonly chosen: readonly string[] } | null = null;
  return {
    choose: (names) => {
      const key = names.join(' ');
      if (known?.names !== key) known = { names: key, chosen: read(names) };
      return known.chosen;
    },
    forget: () => {
      known = null;
    },
  };
}
