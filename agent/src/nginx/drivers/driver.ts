import type { NginxVersion } from '../render-options.ts';

/** The nginx that is driven, as far as rendering must know it. */
export interface NginxFacts {
  readonly version: NginxVersion;
  readonly hasIpv6: boolean;
  /** One for each processor that nginx may use. */
  readonly workerCount: number;
  /** Account that workers change to; null when nginx does not run as root. */
  readonly workerUser: string | null;
  /** Group of that account, for files that workers read while they serve. */
  readonly workerGroupId: number | undefined;
}

export interface CommandResult {
  readonly ok: boolean;
  /** What nginx printed, both streams. */
  readonly output: string;
}

export interface Worker {
  readonly processId: number;
  /** It ends its last connections and takes no new ones. */
  readonly isShuttingDown: boolean;
}

/** nginx cannot be driven at all: no program, no container, no access. The message is for operators. */
export class NginxUnavailableError extends Error {
  override readonly name = 'NginxUnavailableError';
}

/** One nginx, on this host or in a container. Paths are the same for the agent and for nginx. */
export interface NginxDriver {
  /** @throws NginxUnavailableError */
  readonly readFacts: () => Promise<NginxFacts>;
  /** `nginx -t`. @throws NginxUnavailableError */
  readonly test: (configFile: string) => Promise<CommandResult>;
  /** Whether the master process of our configuration runs. */
  readonly isRunning: () => Promise<boolean>;
  /** Starts nginx with `current/nginx.conf`; fails with its words when it ends at once. */
  readonly start: () => Promise<CommandResult>;
  /** SIGHUP to the master. @throws NginxUnavailableError when it does not run */
  readonly reload: () => Promise<void>;
  /** SIGUSR1 to the master: logs that were renamed are written on under their old name. @throws NginxUnavailableError */
  readonly reopenLogs: () => Promise<void>;
  /** Ends it and waits until it is gone. */
  readonly stop: () => Promise<void>;
  readonly readWorkers: () => Promise<readonly Worker[]>;
  /** Asks workers to take no more connections, before nginx asks them itself; nothing where that is not possible. */
  readonly retire: (workers: readonly Worker[]) => void;
}
