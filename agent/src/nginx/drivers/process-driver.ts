import type { Logger } from '@flotilla/runtime';
import { readFile, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../layout.ts';
import { parseNginxVersion } from '../render-options.ts';
import { chooseWorkerAccount, parseAccounts, type FolderAccess } from './choose-worker-account.ts';
import { NginxUnavailableError, type NginxDriver, type NginxFacts } from './driver.ts';
import { readNginxProcessesWith, readPidFile, readProcessTitle, readWorkersOf } from './read-processes.ts';
import { runCommand } from './run-command.ts';

const COMMAND_TIMEOUT_MS = 30_000;
/** For open connections to end, and then once more for nginx itself: within what a shutdown of the agent may take. */
const STOP_TIMEOUT_MS = 600;
const POLL_MS = 20;

export interface ProcessDriverDeps {
  readonly binary: string;
  readonly layout: Layout;
  readonly controlSocket: string;
  readonly logger: Logger;
}

/**
 * nginx as a process of this host with a prefix of its own; the system's configuration is never touched. It is a
 * daemon and no child of the agent, so it goes on serving when the agent ends.
 */
export function createProcessDriver({ binary, layout, controlSocket, logger }: ProcessDriverDeps): NginxDriver {
  // Without -e nginx opens the log that it was built with before it reads the configuration.
  const place = ['-p', layout.root, '-e', layout.errorLog];
  const nginx = (...args: string[]) => runCommand(binary, [...place, ...args], COMMAND_TIMEOUT_MS);

  /** The process of the pid file, when its title says that it is the master of our configuration. */
  const findMaster = async (): Promise<number | null> => {
    const processId = await readPidFile(layout.pidFile);
    const title = processId === null ? null : await readProcessTitle(processId);
    return title?.startsWith('nginx: master process') && title.includes(layout.currentConfig) ? processId : null;
  };

  const signalMaster = async (signal: NodeJS.Signals): Promise<void> => {
    const master = await findMaster();
    if (master === null) throw new NginxUnavailableError('nginx does not run');
    sendSignal(master, signal);
  };

  /** Old connections end, but the ports are free at once. */
  const dismissOrphans = async (): Promise<void> => {
    const orphans = await readNginxProcessesWith(layout.errorLog);
    for (const processId of orphans) {
      const title = await readProcessTitle(processId);
      if (title?.startsWith('nginx: worker') !== true || title.includes('is shutting down')) continue;
      logger.warn({ processId }, 'a worker outlived its master; it ends its connections');
      sendSignal(processId, 'SIGQUIT');
      await waitUntil(async () => (await readProcessTitle(processId))?.includes('is shutting down') !== false);
    }
  };

  return {
    readFacts: async () => {
      const { output } = await runCommand(binary, ['-v'], COMMAND_TIMEOUT_MS);
      const version = parseNginxVersion(output);
      if (version === null) throw new NginxUnavailableError(`${binary} -v does not look like nginx: ${output.trim()}`);
      return {
        version,
        hasIpv6: await hasIpv6(),
        workerCount: availableParallelism(),
        ...(await readWorkerAccount(layout.root, logger)),
      };
    },

    test: (configFile) => nginx('-t', '-c', configFile),

    isRunning: async () => (await findMaster()) !== null,

    start: async () => {
      await dismissOrphans();
      // A killed master leaves its socket, and bind() fails on what is there.
      await rm(controlSocket, { force: true });
      return nginx('-c', layout.currentConfig);
    },

    reload: () => signalMaster('SIGHUP'),
    reopenLogs: () => signalMaster('SIGUSR1'),

    stop: async () => {
      const master = await findMaster();
      if (master === null) return;
      const isGone = async () => (await readProcessTitle(master)) === null;
      sendSignal(master, 'SIGQUIT');
      if (await waitUntil(isGone)) return;
      sendSignal(master, 'SIGTERM');
      if (!(await waitUntil(isGone))) throw new NginxUnavailableError(`nginx (process ${master}) does not end`);
    },

    readWorkers: async () => {
      const master = await findMaster();
      return master === null ? [] : readWorkersOf(master);
    },

    retire: (workers) => {
      for (const { processId } of workers) sendSignal(processId, 'SIGQUIT');
    },
  };
}

async function hasIpv6(): Promise<boolean> {
  try {
    return (await readFile('/proc/net/if_inet6', 'utf8')).trim() !== '';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function readWorkerAccount(
  root: string,
  logger: Logger,
): Promise<Pick<NginxFacts, 'workerUser' | 'workerGroupId'>> {
  if (process.getuid?.() !== 0) return { workerUser: null, workerGroupId: undefined };
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8'));
  const account = chooseWorkerAccount(accounts, await readFolders(root));
  if (account !== null) return { workerUser: account.name, workerGroupId: account.groupId };
  logger.warn({ directory: root }, 'nginx’s workers run as root: no other account can reach the directory; move it');
  return { workerUser: 'root', workerGroupId: 0 };
}

async function readFolders(path: string): Promise<FolderAccess[]> {
  const { uid: userId, gid: groupId, mode } = await stat(path);
  const above = dirname(path) === path ? [] : await readFolders(dirname(path));
  return [...above, { userId, groupId, mode }];
}

function sendSignal(processId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(processId, signal);
  } catch (error) {
    // It ended by itself meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** @returns false when it did not come true in time */
async function waitUntil(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (const endsAt = Date.now() + STOP_TIMEOUT_MS; Date.now() < endsAt; await sleep(POLL_MS)) {
    if (await isTrue()) return true;
  }
  return isTrue();
}
