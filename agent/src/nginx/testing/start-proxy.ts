import type { SiteConfig, UpdateNginxResult } from '@flotilla/contracts';
import { createLogger } from '@flotilla/runtime';
import { findFreePorts } from '@flotilla/runtime/testing';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProxy } from '../create-proxy.ts';
import { readPidFile, readProcessTitle } from '../drivers/read-processes.ts';
import { layoutOf } from '../layout.ts';
import type { Proxy, ProxyDeps, ProxySettings, ProxyStatus } from '../proxy.ts';

export interface TestProxy extends AsyncDisposable {
  readonly proxy: Proxy;
  readonly settings: ProxySettings;
  readonly statuses: ProxyStatus[];
  readonly results: UpdateNginxResult[];
  readonly siteConfigs: SiteConfig[];
}

/** Settings for a proxy of its own, on free ports of the loopback address. */
export async function makeSettings(): Promise<ProxySettings> {
  const directory = await mkdtemp(join(tmpdir(), 'flotilla-nginx-'));
  // Workers must get in, and mkdtemp lets nobody.
  await chmod(directory, 0o755);
  const [httpPort, httpsPort] = [await findFreePort(), await findFreePort()];
  return {
    directory,
    mode: { kind: 'process', binary: 'nginx' },
    listenAddress: '127.0.0.1',
    httpPort,
    httpsPort,
  };
}

/** A started proxy with the real nginx; both end with the test. */
export async function startProxy(settings: ProxySettings, overrides: Partial<ProxyDeps> = {}): Promise<TestProxy> {
  const statuses: ProxyStatus[] = [];
  const results: UpdateNginxResult[] = [];
  const siteConfigs: SiteConfig[] = [];
  const proxy = createProxy({
    settings,
    logger: createLogger({ name: 'agent', level: 'fatal' }),
    resolveContainer: (container) => ({ state: 'unavailable', reason: `container ${container} does not exist` }),
    readCertificate: () => Promise.resolve(null),
    readErrorPage: () => Promise.resolve(null),
    onSitesRendered: (configs) => void siteConfigs.push(...configs),
    onResult: (result) => void results.push(result),
    onStatus: (status) => void statuses.push(status),
    ...overrides,
  });
  await proxy.start();
  return {
    proxy,
    settings,
    statuses,
    results,
    siteConfigs,
    [Symbol.asyncDispose]: async () => {
      await proxy.stop({ leaveServing: false });
      await rm(settings.directory, { recursive: true, force: true });
    },
  };
}

/** Ends what a failed test may have left behind. */
export async function endNginx({ directory }: ProxySettings): Promise<void> {
  const layout = layoutOf(directory);
  const processId = await readPidFile(layout.pidFile);
  const title = processId === null ? null : await readProcessTitle(processId);
  if (processId !== null && title?.includes(directory) === true) process.kill(processId, 'SIGTERM');
  await rm(directory, { recursive: true, force: true });
}

export async function findFreePort(): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  return port;
}
