import type { Rule, RuleSettings, RuleSettingsDraft, SuspicionClass } from '@flotilla/contracts';

const MINUTE_MS = 60_000;

/** A rule as its form shows it. Null in a number is "not asked for". */
export interface RuleForm {
  name: string;
  of: 'suspicious' | 'volume';
  classes: SuspicionClass[];
  paths: string;
  grouping: Rule['grouping'];
  capacity: number | null;
  /** Until one is forgotten. */
  leakSeconds: number;
  distinctServices: number | null;
  distinctNodes: number | null;
  distinctPaths: number | null;
  windowMinutes: number;
  action: 'ban' | 'record' | 'notify';
  banMs: number;
  reach: 'service' | 'node' | 'fleet';
}

const HOUR_MS = 60 * MINUTE_MS;

export function newForm(): RuleForm {
  return {
    name: '',
    of: 'suspicious',
    classes: ['not_found'],
    paths: '',
    grouping: 'client',
    capacity: 20,
    leakSeconds: 10,
    distinctServices: null,
    distinctNodes: null,
    distinctPaths: null,
    windowMinutes: 1,
    action: 'ban',
    banMs: HOUR_MS,
    reach: 'node',
  };
}

export function formOf({ name, match, grouping, threshold, action }: RuleSettings): RuleForm {
  const { bucket, distinctServices, distinctNodes, distinctPaths, windowMs } = threshold;
  return {
    ...newForm(),
    name,
    of: match.of,
    classes: match.of === 'suspicious' ? [...match.classes] : [],
    paths: match.of === 'suspicious' ? match.paths.join('\n') : '',
    grouping,
    capacity: bucket?.capacity ?? null,
    leakSeconds: bucket === null ? 10 : Number((1 / bucket.leakPerSecond).toPrecision(6)),
    distinctServices,
    distinctNodes,
    distinctPaths,
    windowMinutes: windowMs / MINUTE_MS,
    action: action.kind,
    ...(action.kind === 'ban' && { banMs: action.durationMs, reach: action.reach }),
  };
}

/** @param base what the form does not show is kept from it; null for a new rule */
export function settingsOfForm(form: RuleForm, base: RuleSettings | null): RuleSettingsDraft {
  const { capacity, leakSeconds, distinctServices, distinctNodes, distinctPaths, windowMinutes } = form;
  const { action, banMs: durationMs, reach } = form;
  const paths = form.paths.split(/\s+/).filter((path) => path !== '');
  const before = base?.match.of === 'suspicious' ? base.match : {};
  return {
    ...base,
    name: form.name,
    match: form.of === 'volume' ? { of: 'volume' } : { ...before, of: 'suspicious', classes: form.classes, paths },
    grouping: form.grouping,
    threshold: {
      ...base?.threshold,
      bucket: capacity === null ? null : { capacity, leakPerSecond: 1 / leakSeconds },
      distinctServices,
      distinctNodes,
      distinctPaths,
      windowMs: Math.round(windowMinutes * MINUTE_MS),
    },
    action: action === 'ban' ? { kind: 'ban', durationMs, reach } : { kind: action },
    ...(action !== 'ban' && { escalation: null }),
  };
}
