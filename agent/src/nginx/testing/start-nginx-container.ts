import Docker from 'dockerode';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createReadStream } from 'node:fs';
import { promisify } from 'node:util';

export const DOCKER_SOCKET = '/var/run/docker.sock';
const IMAGE = 'flotilla-test/nginx';
const PROGRAMS = ['sh', 'test', 'kill', 'cat', 'id', 'nproc', 'sleep', 'rm'];
const run = promisify(execFile);

export interface NginxContainer extends AsyncDisposable {
  readonly name: string;
  readonly kill: () => Promise<void>;
}

/** nginx as the compose files run it: it shares the folder and waits for a first configuration. */
export async function startNginxContainer(folder: string): Promise<NginxContainer> {
  const docker = new Docker({ socketPath: DOCKER_SOCKET });
  await buildImage(docker);
  const name = `flotilla-test-nginx-${randomUUID()}`;
  const wait = `until [ -e "${folder}/current" ]; do sleep 0.1; done`;
  const serve = `exec nginx -p "${folder}" -e "${folder}/logs/error.log" -c "${folder}/current/nginx.conf" -g "daemon off;"`;
  const container = await docker.createContainer({
    name,
    Image: IMAGE,
    Cmd: ['sh', '-c', `${wait}; rm -f "${folder}/run/control.sock"; ${serve}`],
    HostConfig: { NetworkMode: 'host', Binds: [`${folder}:${folder}`] },
  });
  await container.start();
  return {
    name,
    kill: async () => void (await container.kill()),
    [Symbol.asyncDispose]: async () => void (await container.remove({ force: true })),
  };
}

/** This machine's nginx and busybox with their libraries, as no registry can be reached. */
async function buildImage(docker: Docker): Promise<void> {
  if ((await docker.listImages({ filters: { reference: [IMAGE] } })).length > 0) return;
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-image-'));
  const root = join(folder, 'root');
  try {
    for (const program of ['/usr/sbin/nginx', '/bin/busybox']) {
      for (const file of [program, ...(await librariesOf(program))]) {
        await mkdir(dirname(join(root, file)), { recursive: true });
        await copyFile(file, join(root, file));
      }
    }
    for (const name of PROGRAMS) await symlink('busybox', join(root, 'bin', name));
    for (const empty of ['etc', 'tmp', 'dev', 'proc', 'var/log/nginx']) {
      await mkdir(join(root, empty), { recursive: true });
    }
    await writeFile(join(root, 'etc', 'passwd'), 'root:x:0:0::/:/bin/sh\nnginx:x:101:101::/:/bin/false\n');
    await writeFile(join(root, 'etc', 'group'), 'root:x:0:\nnginx:x:101:\n');
    const archive = join(folder, 'image.tar');
    await run('tar', ['-C', root, '-cf', archive, '.']);
    const progress = await docker.importImage(createReadStream(archive), {
      repo: IMAGE,
      changes: ['ENV PATH=/usr/sbin:/bin'],
    });
    progress.resume();
    await finished(progress, { writable: false });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]).catch((error: { stdout?: string; stderr?: string }) => {
    // ldd says so with an exit code.
    if (`${error.stdout ?? ''}${error.stderr ?? ''}`.includes('not a dynamic executable')) return { stdout: '' };
    throw error;
  });
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}
