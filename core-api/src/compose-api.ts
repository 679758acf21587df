import { checkDatabase, inTransaction, isDatabaseUnavailable, type Database } from '@flotilla/core-db';
import type { HealthChecks, Logger } from '@flotilla/runtime';
import type { Express } from 'express';
import { createFirstAdministrator, type FirstAdministrator } from './auth/create-first-administrator.ts';
import { buildApp } from './build-app.ts';
import { composePeople } from './compose-people.ts';
import { healthRoutes } from './health/health.routes.ts';
import type { AccessDeps, BoundRoute, MountDeps } from './http/index.ts';

/** What the features that deal with nodes give to the application. */
export interface Fleet extends Pick<AccessDeps, 'authenticateAgent'> {
  readonly heartbeatRoutes: readonly BoundRoute[];
  readonly routes: readonly BoundRoute[];
}

export interface ApiDeps extends Pick<MountDeps, 'checkResponses' | 'onAnswered'> {
  readonly log: Logger;
  readonly version: string;
  readonly database: Database;
  readonly fleet: Fleet;
  readonly tokenKey: Buffer;
  readonly publicUrl: string;
  readonly trustedProxies: readonly string[];
  /** Beside the database. */
  readonly readiness: HealthChecks;
  readonly now: () => Date;
}

export interface Api {
  readonly app: Express;
  /** Creates the first user where there is none. */
  readonly ensureAdministrator: (administrator: FirstAdministrator | null) => Promise<void>;
  readonly hashPassword: (password: string) => Promise<string>;
  readonly close: () => void;
}

/** Puts all features together. Opens nothing but timers, which `close` ends. */
export function composeApi(deps: ApiDeps): Api {
  const { database, log, fleet, version } = deps;
  const session = database.manager;
  const people = composePeople({
    ...deps,
    database: session,
    inTransaction: (work) => inTransaction(database, work),
  });
  const app = buildApp({
    ...deps,
    isDatabaseUnavailable,
    authenticateUser: people.authenticateUser,
    authenticateAgent: fleet.authenticateAgent,
    assertSameOrigin: people.assertSameOrigin,
    heartbeatRoutes: fleet.heartbeatRoutes,
    featureRoutes: [
      ...healthRoutes({ version, readiness: { database: () => checkDatabase(database), ...deps.readiness } }),
      ...people.routes,
      ...fleet.routes,
    ],
  });
  return {
    app,
    hashPassword: (password) => people.hasher.hash(password),
    ensureAdministrator: async (administrator) => {
      const outcome = await createFirstAdministrator(
        { database: session, inTransaction: (work) => inTransaction(database, work), hasher: people.hasher },
        administrator,
      );
      if (outcome === 'created') log.info({ email: administrator?.email }, 'created the first administrator');
      if (outcome === 'nobody can sign in') {
        log.warn('there are no users: set FLOTILLA_ADMIN_EMAIL and FLOTILLA_ADMIN_PASSWORD and start again');
      }
      await people.hasher.warmUp();
    },
    close: people.close,
  };
}
