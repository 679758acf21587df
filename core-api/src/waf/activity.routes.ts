import {
  activityRanges,
  MAX_COUNTRIES,
  MAX_OFFENDERS,
  MAX_RECENT_SUSPECTS,
  readWafActivity,
  suspicionClass,
  type Offender,
  type SuspicionClass,
} from '@flotilla/contracts';
import { listOffenders, listRecentSuspects, listSuspectCountries, type OffenderRow } from '@flotilla/core-db';
import { handle, type BoundRoute } from '../http/index.ts';
import type { LimitedRead } from '../shared/read-within-limit.ts';

export interface ActivityDeps {
  readonly readLimited: LimitedRead;
  readonly now: () => Date;
}

const knownClasses: ReadonlySet<string> = new Set(suspicionClass.options);
const isKnown = (name: string): name is SuspicionClass => knownClasses.has(name);

/** What clients do that is suspicious, as nodes tell of it. */
export function activityRoutes({ readLimited, now }: ActivityDeps): BoundRoute[] {
  return [
    handle(readWafActivity, async ({ query: { range } }) => {
      const since = new Date(now().getTime() - activityRanges[range]);
      return readLimited(async (tx) => ({
        offenders: (await listOffenders(tx, since, MAX_OFFENDERS)).map(formatOffender),
        countries: await listSuspectCountries(tx, since, MAX_COUNTRIES),
        recent: (await listRecentSuspects(tx, since, MAX_RECENT_SUSPECTS)).map((row) => ({
          ...row,
          at: row.at.toISOString(),
          classes: row.classes.filter(isKnown),
        })),
      }));
    }),
  ];
}

/** A newer node's classes are not known here. */
function formatOffender({ classes, services, nodes, samples, ...row }: OffenderRow): Offender {
  return {
    ...row,
    classes: Object.fromEntries(Object.entries(classes).filter(([name]) => isKnown(name))),
    services: [...services],
    nodes: [...nodes],
    samples: [...samples],
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
  };
}
