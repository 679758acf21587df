import { containerReading, type ContainerReading } from '@flotilla/contracts';
import type { Configuration } from './parse-inspection.ts';
import { noteNames, type UntakenNote } from './untaken-note.ts';

/** Of entrypoint and command each. */
const MAX_BYTES = 65_536;

type Process = Pick<ContainerReading, 'entrypoint' | 'command' | 'user' | 'workingDirectory'>;

/** What runs in a container, where and as whom; null for what its image says. */
export function planCommand(
  own: Configuration,
  ofImage: Configuration,
): { readonly process: Process; readonly notes: readonly UntakenNote[] } {
  const { shape } = containerReading;
  const notes: UntakenNote[] = [];
  const keep = <Key extends keyof Process>(key: Key, value: Process[Key]): Process[Key] => {
    const parsed = shape[key].safeParse(value);
    const isTooLong = Buffer.byteLength(JSON.stringify(value)) > MAX_BYTES;
    if (parsed.success && !isTooLong) return value;
    const reason = isTooLong ? `has more than ${MAX_BYTES} bytes` : parsed.error?.issues[0]?.message;
    notes.push(...noteNames(key, [reason ?? 'is not accepted']));
    return null as Process[Key];
  };
  const { entrypoint, command } = chooseWords(own, ofImage);
  const differing = (value: string, inherited: string): string | null =>
    value === '' || value === inherited ? null : value;
  const process = {
    entrypoint: keep('entrypoint', entrypoint),
    command: keep('command', command),
    user: keep('user', differing(own.User, ofImage.User)),
    workingDirectory: keep('workingDirectory', differing(own.WorkingDir, ofImage.WorkingDir)),
  };
  return { process, notes };
}

/**
 * Docker's rule (moby: `daemon/commit.go`, merge): the image's command counts only where neither entrypoint nor command were
 * given, and an entrypoint of one empty word is none.
 */
function chooseWords(own: Configuration, ofImage: Configuration): Pick<Process, 'entrypoint' | 'command'> {
  const command = own.Cmd.length === 0 ? null : own.Cmd;
  const isSameCommand = isEqual(own.Cmd, ofImage.Cmd);
  if (isEqual(own.Entrypoint, ofImage.Entrypoint) && (isSameCommand || command !== null)) {
    return { entrypoint: null, command: isSameCommand ? null : command };
  }
  return { entrypoint: own.Entrypoint.length === 0 ? [''] : own.Entrypoint, command };
}

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}
