import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './run.mjs';

/** Where Debian keeps servers; not always on a user's path. */
const EXTRA_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** A fresh machine often updates itself in the background. */
const WAIT_FOR_LOCK = ['-o', 'DPkg::Lock::Timeout=120'];

/** The program's path, or null. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...EXTRA_FOLDERS];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/**
 * Installs what is missing with apt, when it may: as root, or with a sudo that asks for no password. The packages' own
 * services are not started: they would take port 80. Those named by `service` are not started at the next boot either.
 * @param {readonly { program: string, packageName: string, service?: string }[]} needs
 * @returns {Promise<string[]>} the packages that were installed
 */
export async function ensurePrograms(needs) {
  const missing = needs.filter(({ program }) => findProgram(program) === null);
  if (missing.length === 0) return [];
  const packages = missing.map(({ packageName }) => packageName);
  const names = packages.join(' ');
  const prefix = await findPrivilege();
  if (findProgram('apt-get') === null || prefix === null) {
    throw new Error(`${names} must be installed first: sudo apt-get update && sudo apt-get install ${names}`);
  }
  await withoutServiceStart(prefix, async () => {
    const install = () => apt(prefix, ['install', '-y', '--no-install-recommends', ...packages]);
    // The package lists of a fresh machine are empty or old; only then is the slow update needed.
    await install().catch(async () => {
      await apt(prefix, ['update']);
      await install();
    });
  });
  const services = missing.flatMap(({ service }) => (service === undefined ? [] : [service]));
  if (services.length > 0 && findProgram('systemctl') !== null) {
    await run(...asCommand([...prefix, 'systemctl', 'disable', ...services]));
  }
  return packages;
}

function apt(prefix, args) {
  const quietly = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  return run(...asCommand([...prefix, ...quietly, ...WAIT_FOR_LOCK, ...args]));
}

/** A command line as `run` takes it. */
function asCommand([command, ...args]) {
  return [command, args];
}

/** `[]` for root, `['sudo', '-n']` where sudo asks for nothing, null when neither works. */
async function findPrivilege() {
  if (process.getuid() === 0) return [];
  if (findProgram('sudo') === null) return null;
  return run('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => null,
  );
}

/**
 * invoke-rc.d asks /usr/sbin/policy-rc.d whether a package may start its service; 101 means no. A policy that the
 * machine has already is left alone.
 */
async function withoutServiceStart(prefix, install) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return install();
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-apt-'));
  const draft = join(folder, 'policy-rc.d');
  writeFileSync(draft, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const privileged = (args) => run(...asCommand([...prefix, ...args]));
  await privileged(['cp', draft, policy]);
  try {
    return await install();
  } finally {
    await privileged(['rm', '-f', policy]);
    rmSync(folder, { recursive: true, force: true });
  }
}
