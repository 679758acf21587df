import Docker from 'dockerode';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Layout } from '../layout.ts';
import { readServedRelease } from '../read-served-release.ts';
import { parseNginxVersion } from '../render-options.ts';
import { NginxUnavailableError, type CommandResult, type NginxDriver } from './driver.ts';
import { workerFromTitle } from './read-processes.ts';

const STOP_GRACE_SECONDS = 1;
const OUTPUT_BYTES = 1_048_576;

export interface ContainerDriverDeps {
  /** Name or id. */
  readonly container: string;
  readonly dockerSocket: string;
  readonly layout: Layout;
  readonly controlSocket: string;
}

/**
 * nginx in a container, through the Docker socket. The agent's nginx folder is mounted into it under the same path, and
 * its command is a shell that waits for `<folder>/current`, so that the agent can have a first configuration tested in
 * it, removes `<folder>/run/control.sock`, which a killed nginx leaves behind, and becomes
 * `nginx -p <folder> -e <folder>/logs/error.log -c <folder>/current/nginx.conf -g "daemon off;"`.
 */
export function createContainerDriver(deps: ContainerDriverDeps): NginxDriver {
  const { layout, controlSocket } = deps;
  const container = new Docker({ socketPath: deps.dockerSocket }).getContainer(deps.container);
  const run = (...command: string[]) => asUnavailable(deps.container, runInContainer(container, command));
  const nginx = (...args: string[]) => run('nginx', '-p', layout.root, '-e', layout.errorLog, ...args);
  const isContainerRunning = async (): Promise<boolean> =>
    (await asUnavailable(deps.container, container.inspect())).State.Running;

  const signalMaster = async (signal: 'HUP' | 'USR1'): Promise<void> => {
    const { ok, output } = await run('sh', '-c', 'kill -s "$1" "$(cat "$2")"', 'sh', signal, layout.pidFile);
    if (!ok) throw new NginxUnavailableError(`nginx in ${deps.container} takes no SIG${signal}: ${output.trim()}`);
  };

  return {
    // The process ids that Docker tells are the host's, which mean nothing inside.
    retire: () => undefined,

    readFacts: async () => {
      if (!(await isContainerRunning())) await asUnavailable(deps.container, container.start());
      await expectSharedFolder(deps, run);
      const version = parseNginxVersion((await run('nginx', '-v')).output);
      if (version === null) throw new NginxUnavailableError(`nginx -v in ${deps.container} does not look like nginx`);
      const { ok: hasIpv6 } = await run('sh', '-c', 'test -s /proc/net/if_inet6');
      const workerCount = Math.max(1, Number((await run('nproc')).output) || 1);
      const group = await run('id', '-g', 'nginx');
      return group.ok
        ? { version, hasIpv6, workerCount, workerUser: 'nginx', workerGroupId: Number(group.output.trim()) }
        : {
            version,
            hasIpv6,
            workerCount,
            workerUser: 'nobody',
            workerGroupId: Number((await run('id', '-g', 'nobody')).output),
          };
    },

    test: (configFile) => nginx('-t', '-c', configFile),

    // nginx is the container's first process: when its master dies, no worker is left to answer.
    isRunning: async () => (await isContainerRunning()) && (await readServedRelease(controlSocket)) !== null,

    start: async () => {
      if (await isContainerRunning()) await asUnavailable(deps.container, container.stop({ t: STOP_GRACE_SECONDS }));
      // A killed master leaves its socket, and bind() fails on what is there.
      await rm(controlSocket, { force: true });
      await asUnavailable(deps.container, container.start());
      return { ok: true, output: '' };
    },

    reload: () => signalMaster('HUP'),
    reopenLogs: () => signalMaster('USR1'),

    stop: async () => {
      const stopping = container.stop({ t: STOP_GRACE_SECONDS }).catch((error: unknown) => {
        if (![304, 404].includes(statusOf(error))) throw error;
      });
      await asUnavailable(deps.container, stopping);
    },

    readWorkers: async () => {
      const { Titles, Processes } = await asUnavailable(deps.container, container.top());
      const [processId, title] = [
        Titles.indexOf('PID'),
        Titles.findIndex((name: string) => /^(CMD|COMMAND)$/.test(name)),
      ];
      return (Processes as string[][]).flatMap((row) => workerFromTitle(Number(row[processId]), row[title] ?? ''));
    },
  };
}

/** Docker's HTTP status: 304 when a container is stopped already, 404 when there is none. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : Number.NaN;
}

/** A folder that only has the same path is told apart from one that is the same. */
async function expectSharedFolder(
  { container, layout }: ContainerDriverDeps,
  run: (...command: string[]) => Promise<CommandResult>,
): Promise<void> {
  const file = join(layout.root, 'run', `probe-${randomUUID()}`);
  await writeFile(file, '');
  try {
    if ((await run('test', '-e', file)).ok) return;
  } finally {
    await rm(file, { force: true });
  }
  throw new NginxUnavailableError(
    `${container} does not see ${layout.root}: mount the folder there under the same path`,
  );
}

async function runInContainer(container: Docker.Container, Cmd: string[]): Promise<CommandResult> {
  const exec = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const both = new PassThrough();
  const chunks: Buffer[] = [];
  let length = 0;
  both.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= OUTPUT_BYTES) chunks.push(chunk);
  });
  container.modem.demuxStream(stream, both, both);
  await finished(stream, { writable: false });
  both.end();
  await finished(both);
  const { ExitCode } = await exec.inspect();
  return { ok: ExitCode === 0, output: Buffer.concat(chunks).toString('utf8') };
}

/** dockerode's errors as ours, so that an operator reads which container it is about. */
async function asUnavailable<Result>(container: string, call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new NginxUnavailableError(`nginx container ${container}: ${message}`, { cause: error });
  }
}
