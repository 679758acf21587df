import { join } from 'node:path';

/**
 * The agent's nginx folder:
 *
 *     current    -> releases/<id>   what nginx reads when it starts or reloads; passed `nginx -t`
 *     last-good  -> releases/<id>   what nginx last confirmed that it serves
 *     releases/<id>/nginx.conf      includes the files of its sites; release.json says what it was made from
 *     sites/<serviceId>-<hash>.conf shared by releases, never changed: a release costs only what changed
 *     auth/  certificates/  bans/  error-pages/   likewise
 *     run/   logs/  temp/           of the running nginx
 */
export interface Layout {
  readonly root: string;
  readonly current: string;
  readonly lastGood: string;
  readonly releases: string;
  readonly currentConfig: string;
  readonly pidFile: string;
  readonly errorLog: string;
  readonly accessLog: string;
}

/** Folders that hold files shared by releases, as they are named below the root. */
export const SHARED_FOLDERS = ['sites', 'auth', 'certificates', 'bans', 'error-pages'] as const;

export function layoutOf(root: string): Layout {
  return {
    root,
    current: join(root, 'current'),
    lastGood: join(root, 'last-good'),
    releases: join(root, 'releases'),
    currentConfig: join(root, 'current', 'nginx.conf'),
    pidFile: join(root, 'run', 'nginx.pid'),
    errorLog: join(root, 'logs', 'error.log'),
    accessLog: join(root, 'logs', 'access.log'),
  };
}
