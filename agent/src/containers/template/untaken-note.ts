import type { UntakenSetting } from '@flotilla/contracts';

/** A setting that is not taken over, with the names that say which of them. */
export interface UntakenNote {
  readonly setting: UntakenSetting;
  readonly names: readonly string[];
}

/** A note where there is something to note. */
export function noteNames(setting: UntakenSetting, names: readonly string[]): UntakenNote[] {
  return names.length === 0 ? [] : [{ setting, names }];
}

/** A note where it is so; nothing more can be said. */
export function noteIf(isUntaken: boolean, setting: UntakenSetting): UntakenNote[] {
  return isUntaken ? [{ setting, names: [] }] : [];
}
