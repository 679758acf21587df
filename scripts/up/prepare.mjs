import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildAgent, buildDashboard, pinnedEnv, pinnedNode } from './build.mjs';
import { writeEdgeConfiguration } from './edge.mjs';
import { ensurePrograms, findProgram } from './packages.mjs';
import { chooseFreePort, chooseProxyPort, describePortProblem, findPortProblem } from './ports.mjs';
import { EmbeddedPostgres } from './postgres.mjs';
import { step } from './progress.mjs';
import { run } from './run.mjs';
import { writeState } from './state.mjs';

/** How much a power loss may take; see docs/operations.md. */
const NATS_SYNC_INTERVAL = '2s';
const FALLBACK_PROXY_PORTS = { http: 8081, https: 8444 };

/** Folders and files of an installation, all below its data directory. */
export function listPaths(dataDir) {
  return {
    logs: join(dataDir, 'logs'),
    secrets: join(dataDir, 'secrets'),
    postgres: join(dataDir, 'postgres'),
    nats: join(dataDir, 'nats'),
    natsConfig: join(dataDir, 'nats', 'nats.conf'),
    edge: join(dataDir, 'edge'),
    edgeConfig: join(dataDir, 'edge', 'nginx.conf'),
    agent: join(dataDir, 'agent'),
    dashboard: join(dataDir, 'build', 'dashboard'),
    agentBundle: join(dataDir, 'build', 'agent'),
  };
}

/** Programs, ports, builds, secrets and configurations: everything before the first process starts. */
export async function prepare({ root, settings, state }) {
  const paths = listPaths(settings.dataDir);
  for (const folder of [paths.logs, paths.nats, paths.agent]) mkdirSync(folder, { recursive: true, mode: 0o755 });

  await step('nginx and nats-server', async () => {
    const installed = await ensurePrograms([
      { program: 'nginx', packageName: 'nginx', service: 'nginx' },
      { program: 'nats-server', packageName: 'nats-server', service: 'nats-server' },
    ]);
    return installed.length === 0 ? 'found' : `installed: ${installed.join(', ')}`;
  });
  const ports = await choosePorts(settings, state);
  writeState(settings.dataDir, { ...state, ports });

  await step('Dashboard', () => buildDashboard(root, paths.dashboard));
  await step('Agent', () => buildAgent(root, paths.agentBundle));
  await step('Secrets and bus configuration', () => writeSecrets(root, paths, ports));
  writeEdgeConfiguration({
    root,
    dir: paths.edge,
    logsDir: paths.logs,
    port: settings.port,
    apiPort: ports.api,
    busPort: ports.natsWebsocket,
    dashboardDir: paths.dashboard,
    agentBundleDir: paths.agentBundle,
  });

  const postgres =
    settings.databaseUrl === null
      ? new EmbeddedPostgres({ root, dir: paths.postgres, port: ports.postgres, password: state.databasePassword })
      : null;
  if (postgres !== null) await step('Database files', () => postgres.prepare());
  return { paths, ports, postgres, databaseUrl: postgres?.url ?? settings.databaseUrl };
}

/**
 * The password of the first administrator, unless the operator chose one or somebody has been told one already. It is
 * kept until the start that shows it has succeeded: core-api takes it long before that.
 */
export function makeOneTimePassword(settings, state) {
  if (settings.adminPassword !== null || state.hasAdministrator === true) return null;
  return state.oneTimePassword ?? randomBytes(12).toString('base64url');
}

async function choosePorts(settings, { ports: kept }) {
  const problem = await findPortProblem(settings.port);
  if (problem !== null) {
    const reason = describePortProblem(problem);
    throw new Error(`FLOTILLA_PORT: port ${settings.port} cannot be used (${reason}); free it or choose another`);
  }
  const http = await chooseProxyPort({
    name: 'FLOTILLA_PROXY_HTTP_PORT',
    wanted: settings.proxyHttpPort,
    kept: kept.proxyHttp,
    usual: settings.defaultProxyPorts.http,
    fallback: FALLBACK_PROXY_PORTS.http,
  });
  const https = await chooseProxyPort({
    name: 'FLOTILLA_PROXY_HTTPS_PORT',
    wanted: settings.proxyHttpsPort,
    kept: kept.proxyHttps,
    usual: settings.defaultProxyPorts.https,
    fallback: FALLBACK_PROXY_PORTS.https,
  });
  for (const { note } of [http, https]) if (note !== null) console.log(`  ${note}`);

  const ports = { proxyHttp: http.port, proxyHttps: https.port };
  for (const name of ['postgres', 'nats', 'natsWebsocket', 'natsMonitor', 'api', 'workersHealth', 'agentHealth']) {
    // Nothing listens on these yet, so the system might hand out one of them again.
    ports[name] = await chooseFreePort(kept[name], [settings.port, ...Object.values(ports)]);
  }
  return ports;
}

async function writeSecrets(root, paths, ports) {
  const isNew = !existsSync(paths.secrets);
  const options = {
    dir: paths.secrets,
    'nats-config': paths.natsConfig,
    'nats-port': ports.nats,
    'nats-ws-port': ports.natsWebsocket,
    'nats-store': join(paths.nats, 'store'),
    'monitor-port': ports.natsMonitor,
    ...((await knowsSyncInterval()) ? { 'nats-sync-interval': NATS_SYNC_INTERVAL } : {}),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await run(pinnedNode(root), [join(root, 'core-api', 'src', 'setup', 'init-secrets.ts'), ...args], {
    env: pinnedEnv(root),
  });
  return isNew ? 'made' : 'kept';
}

/** Older servers refuse the setting and sync every two minutes. */
async function knowsSyncInterval() {
  const [, major, minor] = /v(\d+)\.(\d+)\./.exec(await run(findProgram('nats-server'), ['--version'])) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
}

/** A join token for this machine's agent, unless it has joined already. */
export async function makeJoinToken({ root, paths, databaseUrl }) {
  if (existsSync(join(paths.agent, 'state.json'))) return null;
  const output = await run(pinnedNode(root), [join(root, 'core-api', 'src', 'setup', 'create-join-token.ts')], {
    env: { ...pinnedEnv(root), FLOTILLA_DATABASE_URL: databaseUrl },
  });
  const token = /flj_[A-Za-z0-9_-]+/.exec(output)?.[0];
  if (token === undefined) throw new Error(`no join token was made:\n${output}`);
  return token;
}
