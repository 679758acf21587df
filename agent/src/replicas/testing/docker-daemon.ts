import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '../../testing/wait-until.ts';

const START_TIMEOUT_MS = 60_000;
/** No other network of the host is likely to have it. */
const BRIDGE_ADDRESS = '10.213.97.1/24';
const run = promisify(execFile);

/** A Docker Engine of the test's own, beside the host's, so that it can be restarted. Needs root. */
export class DockerDaemon implements AsyncDisposable {
  readonly folder: string;
  readonly #bridge = `fl${process.pid}`;
  readonly #options: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(folder: string, options: readonly string[]) {
    this.folder = folder;
    this.#options = options;
  }

  /** @param image one that the host's Docker has, and this one then, too */
  static async start(image: string, options: readonly string[] = []): Promise<DockerDaemon> {
    const daemon = new DockerDaemon(await mkdtemp(join(tmpdir(), 'flotilla-dockerd-')), options);
    await run('ip', ['link', 'add', daemon.#bridge, 'type', 'bridge']);
    await run('ip', ['address', 'add', BRIDGE_ADDRESS, 'dev', daemon.#bridge]);
    await daemon.start();
    const archive = join(daemon.folder, 'image.tar');
    await run('docker', ['save', '--output', archive, image]);
    await run('docker', ['--host', `unix://${daemon.socket}`, 'load', '--input', archive]);
    return daemon;
  }

  get socket(): string {
    return join(this.folder, 'docker.sock');
  }

  async start(): Promise<void> {
    const log = openSync(join(this.folder, 'log'), 'a');
    const { folder } = this;
    const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
    const own = ['--pidfile', join(folder, 'pid'), '--host', `unix://${this.socket}`, '--bridge', this.#bridge];
    // What is reached from the host only needs no rules of the firewall, which the host's Docker has already.
    const plain = ['--iptables=false', '--ip6tables=false', '--ip-masq=false', '--storage-driver=vfs'];
    this.#child = spawn('dockerd', [...places, ...own, ...plain, ...this.#options], { stdio: ['ignore', log, log] });
    closeSync(log);
    const answers = (): Promise<boolean> =>
      run('docker', ['--host', `unix://${this.socket}`, 'info']).then(
        () => true,
        () => false,
      );
    await waitUntil('dockerd answers', answers, START_TIMEOUT_MS);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await run('ip', ['link', 'delete', this.#bridge]);
    // One that lets containers live leaves its folder mounted for them.
    const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.reverse()) if (mount.startsWith(`${this.folder}/`)) await run('umount', [mount]);
    await rm(this.folder, { recursive: true });
  }
}
