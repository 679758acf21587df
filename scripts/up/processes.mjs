import { join } from 'node:path';
import { pinnedNode } from './build.mjs';
import { findProgram } from './packages.mjs';
import { answersAsPostgres } from './postgres.mjs';

/** Whether an address answers with 200. */
async function answersOk(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.ok;
}

/**
 * Everything that an installation runs, in the order of its start. Each stage is healthy before the next one starts and
 * stops after the later ones have stopped.
 * @returns {import('./supervised-process.mjs').ProcessDefinition[][]}
 */
export function defineProcesses({ root, settings, paths, ports, databaseUrl, postgres, joinToken, oneTimePassword }) {
  const node = pinnedNode(root);
  const loopback = (port) => `127.0.0.1:${port}`;
  const natsUrl = `nats://${loopback(ports.nats)}`;
  const publicUrl = `http://127.0.0.1:${settings.port}`;
  const core = {
    ...process.env,
    FLOTILLA_DATABASE_URL: databaseUrl,
    FLOTILLA_NATS_URL: natsUrl,
    FLOTILLA_SECRETS_DIR: paths.secrets,
  };
  delete core.FLOTILLA_JOIN_TOKEN;

  const database = {
    name: 'postgres',
    command: postgres?.serverCommand() ?? [],
    env: process.env,
    address: loopback(ports.postgres),
    isHealthy: () => answersAsPostgres(ports.postgres),
    startTimeoutMs: 30_000,
    stopSignal: 'SIGINT',
    stopTimeoutMs: 2500,
  };
  const nats = {
    name: 'nats',
    command: [findProgram('nats-server') ?? 'nats-server', '--config', paths.natsConfig],
    env: process.env,
    address: loopback(ports.nats),
    isHealthy: () => answersOk(`http://${loopback(ports.natsMonitor)}/healthz`),
    startTimeoutMs: 15_000,
    stopTimeoutMs: 1500,
  };
  const api = {
    name: 'core-api',
    command: [node, join(root, 'core-api', 'src', 'main.ts')],
    env: {
      ...core,
      FLOTILLA_API_PORT: String(ports.api),
      FLOTILLA_PUBLIC_URL: process.env.FLOTILLA_PUBLIC_URL || publicUrl,
      FLOTILLA_BUS_URLS: `${natsUrl},ws://127.0.0.1:${settings.port}/bus`,
      FLOTILLA_ADMIN_EMAIL: settings.adminEmail,
      FLOTILLA_ADMIN_PASSWORD: oneTimePassword ?? settings.adminPassword ?? '',
      FLOTILLA_ADMIN_PASSWORD_ONE_TIME: String(oneTimePassword !== null),
    },
    address: loopback(ports.api),
    isHealthy: () => answersOk(`http://${loopback(ports.api)}/api/health/ready`),
    startTimeoutMs: 30_000,
    stopTimeoutMs: 2500,
  };
  const workers = {
    name: 'core-workers',
    command: [node, join(root, 'core-workers', 'src', 'main.ts')],
    env: { ...core, FLOTILLA_HEALTH_HOST: '127.0.0.1', FLOTILLA_HEALTH_PORT: String(ports.workersHealth) },
    address: loopback(ports.workersHealth),
    isHealthy: () => answersOk(`http://${loopback(ports.workersHealth)}/health/ready`),
    startTimeoutMs: 30_000,
    stopTimeoutMs: 2500,
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
    command: [node, join(paths.agentBundle, 'flotilla-agent.mjs')],
    env: {
      ...process.env,
      FLOTILLA_CORE_URL: publicUrl,
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
    stopTimeoutMs: 3500,
  };
  return [...(postgres === null ? [] : [[database]]), [nats], [api], [workers, edge], [agent]];
}
