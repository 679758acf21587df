import { containerReading, type ContainerReading } from '@flotilla/contracts';
import type { Configuration } from './parse-inspection.ts';
import { noteNames, type UntakenNote } from './untaken-note.ts';

/** Docker's own, in seconds. */
const DEFAULT_GRACE_SECONDS = 10;

/** How a container is stopped: the signal, null for its image’s own, and the time that it has after it. */
export function planStop(
  { StopSignal, StopTimeout }: Configuration & { readonly StopTimeout?: number | null | undefined },
  ofImage: Configuration,
): { readonly stop: Pick<ContainerReading, 'stopSignal' | 'stopGraceMs'>; readonly notes: readonly UntakenNote[] } {
  const isOwn = StopSignal !== '' && StopSignal !== ofImage.StopSignal;
  const signal = containerReading.shape.stopSignal.safeParse(isOwn ? withPrefix(StopSignal) : null);
  const seconds = StopTimeout ?? DEFAULT_GRACE_SECONDS;
  const grace = containerReading.shape.stopGraceMs.safeParse(seconds * 1000);
  return {
    stop: {
      stopSignal: signal.data ?? null,
      stopGraceMs: grace.data ?? DEFAULT_GRACE_SECONDS * 1000,
    },
    notes: [
      ...noteNames('stopSignal', signal.success ? [] : [StopSignal]),
      ...noteNames('stopGrace', grace.success ? [] : [`${seconds} s`]),
    ],
  };
}

/** Docker takes TERM for SIGTERM; a number stays one. */
function withPrefix(signal: string): string {
  const upper = signal.toUpperCase();
  return /^(?!SIG)[A-Z]/.test(upper) ? `SIG${upper}` : upper;
}
