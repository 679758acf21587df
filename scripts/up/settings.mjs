import { isAbsolute, join, resolve } from 'node:path';

const DEFAULT_PORT = 8080;
const DEFAULT_PROXY_PORTS = { http: 80, https: 443 };
const DEFAULT_ADMIN_EMAIL = 'admin@flotilla.local';

/** Wrong settings, all of them at once. */
export class SettingsError extends Error {
  constructor(problems) {
    super(`These settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/**
 * What `npm run up` was asked for.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} root the checkout's folder
 * @throws {SettingsError} that names every wrong setting
 */
export function readSettings(env, root) {
  const problems = [];
  const readPort = (name, fallback) => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port >= 1 && port <= 65_535) return port;
    problems.push(`${name}: "${text}" is not a port; use a whole number from 1 to 65535`);
    return fallback;
  };

  const port = readPort('FLOTILLA_PORT', DEFAULT_PORT);
  const proxyHttpPort = readPort('FLOTILLA_PROXY_HTTP_PORT', null);
  const proxyHttpsPort = readPort('FLOTILLA_PROXY_HTTPS_PORT', null);
  const named = [port, proxyHttpPort, proxyHttpsPort].filter((value) => value !== null);
  if (new Set(named).size < named.length) {
    problems.push('FLOTILLA_PORT, FLOTILLA_PROXY_HTTP_PORT and FLOTILLA_PROXY_HTTPS_PORT must differ');
  }

  const adminEmail = env.FLOTILLA_ADMIN_EMAIL || DEFAULT_ADMIN_EMAIL;
  // What core-api accepts (contracts: emailAddress), which cannot be asked before the dependencies are installed.
  if (!/^[\w.+-]+@[A-Za-z\d](?:[A-Za-z\d.-]*[A-Za-z\d])?\.[A-Za-z]{2,}$/.test(adminEmail)) {
    problems.push(`FLOTILLA_ADMIN_EMAIL: "${adminEmail}" is not an e-mail address such as admin@example.com`);
  }
  const adminPassword = env.FLOTILLA_ADMIN_PASSWORD || null;
  if (adminPassword !== null && adminPassword.length < 12) {
    problems.push('FLOTILLA_ADMIN_PASSWORD: must have at least 12 characters');
  }
  const databaseUrl = env.DATABASE_URL || null;
  if (databaseUrl !== null && !/^postgres(ql)?:\/\/.+/.test(databaseUrl)) {
    problems.push('DATABASE_URL: is not a PostgreSQL address; use postgres://user:password@host:5432/database');
  }
  if (problems.length > 0) throw new SettingsError(problems);

  const dataDir = env.FLOTILLA_DATA_DIR || '.flotilla';
  return {
    root,
    dataDir: isAbsolute(dataDir) ? resolve(dataDir) : join(root, dataDir),
    port,
    /** Null: the default, or another one when the default cannot be had. */
    proxyHttpPort,
    proxyHttpsPort,
    defaultProxyPorts: DEFAULT_PROXY_PORTS,
    adminEmail,
    adminPassword,
    databaseUrl,
  };
}
