import { healthCheck, type HealthCheckSettings } from '@flotilla/contracts';
import { parseHttpCheck } from './parse-http-check.ts';
import type { Configuration } from './parse-inspection.ts';
import { noteIf, type UntakenNote } from './untaken-note.ts';

export interface HealthPlan {
  readonly health: HealthCheckSettings;
  /** The port that the container’s own check asks; null when that is not known. */
  readonly port: number | null;
  readonly notes: readonly UntakenNote[];
}

/** How replicas show that they are ready, as near to the container’s own check as it goes. */
export function planHealth(own: Configuration['Healthcheck'], ofImage: Configuration['Healthcheck']): HealthPlan {
  const test = own?.Test ?? [];
  const isInherited = test.length === 0 || JSON.stringify(test) === JSON.stringify(ofImage?.Test ?? []);
  if (isInherited) return { health: { kind: 'image' }, port: null, notes: [] };
  // Switched off: the image’s own check must not decide.
  if (test[0] === 'NONE') return { health: { kind: 'port' }, port: null, notes: [] };
  const check = parseHttpCheck(test);
  const health = check === null ? null : healthCheck.safeParse({ kind: 'http', path: check.path });
  if (check !== null && health?.success === true) return { health: health.data, port: check.port, notes: [] };
  return { health: { kind: 'image' }, port: null, notes: noteIf(true, 'health') };
}
