import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { pinnedNode } from './build.mjs';
import { findProgram } from './packages.mjs';
import { answersAsPostgres } from './postgres.mjs';

/** Settings of this script; the processes that it starts would call them unknown. */
const OWN_SETTINGS = /^FLOTILLA_(DATA_DIR|PORT|PROXY_HTTPS?_PORT|ADMIN_\w+|PUBLIC_URL|BUS_URLS|JOIN_TOKEN)$/;

/** What keeps the agent small; compose/README.md says what each flag is worth. */
const AGENT_NODE_FLAGS = [
  '--max-semi-space-size=1',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--bytecode-old-age=1',
  '--no-incremental-marking',
  '--expose-gc',
];

function withoutOwnSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_SETTINGS.test(name)));
}

/** Where other machines reach this one: its first address that is not loopback, if it has one. */
function findOwnAddress() {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** Settings by which core-api makes the first administrator; none when nobody knows a password, as after the first start. */
function describeAdministrator(settings, oneTimePassword) {
  const password = oneTimePassword ?? settings.adminPassword;
  if (password === null) return {};
  return {
    FLOTILLA_ADMIN_EMAIL: settings.adminEmail,
    FLOTILLA_ADMIN_PASSWORD: password,
    FLOTILLA_ADMIN_PASSWORD_ONE_TIME: String(oneTimePassword !== null),
  };
}

/** Whether an address answers with 200. */
async function answersOk(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.ok;
}

/**
 * What workers allocate is gone with its batch, but a little late for V8: by then it is old, and the old generation may double
 * before it is looked at. A small young one and an old one that grows by a fifth keep a worker below 200 MiB under full load
 * (`npm run bench -- ingestion`), where it took 420, for a tenth more of its CPU.
 */
export const WORKER_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=20'];

/**
 * Everything that an installation runs, in the order of its start. Each stage is healthy before the next one starts and
 * stops after the later ones have stopped; the longest stops of all stages together stay below 10 s.
 * @returns {import('./supervised-process.mjs').ProcessDefinition[][]}
 */
export function defineProcesses({ root, settings, paths, ports, databaseUrl, postgres, joinToken, oneTimePassword }) {
  const node = pinnedNode(root);
  const loopback = (port) => `127.0.0.1:${port}`;
  const natsUrl = `nats://${loopback(ports.nats)}`;
  const localUrl = `http://127.0.0.1:${settings.port}`;
  const publicUrl = process.env.FLOTILLA_PUBLIC_URL || `http://${findOwnAddress()}:${settings.port}`;
  const inherited = withoutOwnSettings(process.env);
  const core = {
    ...inherited,
    FLOTILLA_DATABASE_URL: databaseUrl,
    FLOTILLA_NATS_URL: natsUrl,
    FLOTILLA_SECRETS_DIR: paths.secrets,
  };

  const database = {
    name: 'postgres',
    command: postgres?.serverCommand() ?? [],
    env: process.env,
    address: loopback(ports.postgres),
    isHealthy: () => answersAsPostgres(ports.postgres),
    startTimeoutMs: 30_000,
    stopSignal: 'SIGINT',
    stopTimeoutMs: 2000,
  };
  const nats = {
    name: 'nats',
    command: [findProgram('nats-server') ?? 'nats-server', '--config', paths.natsConfig],
    env: process.env,
    address: loopback(ports.nats),
    isHealthy: () => answersOk(`http://${loopback(ports.natsMonitor)}/healthz`),
    startTimeoutMs: 15_000,
    stopTimeoutMs: 1000,
  };
  const api = {
    name: 'core-api',
    command: [node, join(root, 'core-api', 'src', 'main.ts')],
    env: {
      ...core,
      FLOTILLA_API_PORT: String(ports.api),
      FLOTILLA_PUBLIC_URL: publicUrl,
      // NATS itself listens on loopback only; other machines come through nginx.
      FLOTILLA_BUS_URLS: process.env.FLOTILLA_BUS_URLS || `${publicUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/bus`,
      ...describeAdministrator(settings, oneTimePassword),
    },
    address: loopback(ports.api),
    isHealthy: () => answersOk(`http://${loopback(ports.api)}/api/health/ready`),
    startTimeoutMs: 30_000,
    stopTimeoutMs: 2000,
  };
  const workers = {
    name: 'core-workers',
    command: [node, ...WORKER_FLAGS, join(root, 'core-workers', 'src', 'main.ts')],
    env: { ...core, FLOTILLA_HEALTH_HOST: '127.0.0.1', FLOTILLA_HEALTH_PORT: String(ports.workersHealth) },
    address: loopback(ports.workersHealth),
    isHealthy: () => answersOk(`http://${loopback(ports.workersHealth)}/health/ready`),
    startTimeoutMs: 30_000,
    stopTimeoutMs: 2000,
  };
  const edge = {
    name: 'edge',
    command: [findProgram('nginx') ?? 'nginx', '-p', paths.edge, '-c', paths.edgeConfig, '-g', 'daemon off;'],
    env: process.env,
    address: `0.0.0.0:${settings.port}`,
    isHealthy: () => answersOk(`http://${loopback(settings.port)}/api/ping`),
    startTimeoutMs: 15_000,
    stopTimeoutMs: 1500,
  };
  const agent = {
    name: 'agent',
    command: [node, ...AGENT_NODE_FLAGS, join(paths.agentBundle, 'flotilla-agent.mjs')],
    env: {
      ...inherited,
      MALLOC_ARENA_MAX: '1',
      FLOTILLA_CORE_URL: localUrl,
      FLOTILLA_BUS_URL: natsUrl,
      FLOTILLA_JOIN_TOKEN: joinToken ?? '',
      FLOTILLA_AGENT_DIR: paths.agent,
      FLOTILLA_PROXY_HTTP_PORT: String(ports.proxyHttp),
      FLOTILLA_PROXY_HTTPS_PORT: String(ports.proxyHttps),
      FLOTILLA_NGINX_BINARY: findProgram('nginx') ?? 'nginx',
      FLOTILLA_AGENT_HEALTH_PORT: String(ports.agentHealth),
      FLOTILLA_STOP_PROXY_ON_EXIT: 'true',
    },
    address: `0.0.0.0:${ports.proxyHttp}, 0.0.0.0:${ports.proxyHttps}`,
    isHealthy: () => answersOk(`http://${loopback(ports.agentHealth)}/health/ready`),
    startTimeoutMs: 30_000,
    stopTimeoutMs: 2500,
  };
  return [...(postgres === null ? [] : [[database]]), [nats], [api], [workers, edge], [agent]];
}
