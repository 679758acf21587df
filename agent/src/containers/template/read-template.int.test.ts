import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { containerSpec, type ContainerTemplate } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReplicaDocker, type ReplicaDocker } from '../../replicas/replica-docker.ts';
import { compareText } from '../../shared/compare-text.ts';
import { createTemplateReader } from './read-template.ts';

const IMAGE = 'flotilla-test/web';
const SOCKET = '/var/run/docker.sock';
const SECRET = 'p=ä s"s$word\nline two';
const run = promisify(execFile);
const docker = async (...args: string[]) => (await run('docker', args)).stdout.trim();

interface Inspected {
  readonly Path: string;
  readonly Args: readonly string[];
  readonly Config: Record<string, unknown>;
  readonly HostConfig: Record<string, unknown>;
  readonly Mounts: readonly { Type: string; Name?: string; Source: string; Destination: string; RW: boolean }[];
  readonly NetworkSettings: { readonly Networks: Record<string, unknown> };
}

/** What a container is to whatever runs in it, and to Docker; not which one it is. */
async function readNature(id: string) {
  const [found] = JSON.parse(await docker('inspect', id)) as Inspected[];
  if (found === undefined) throw new Error(`${id} is gone`);
  const { Config, HostConfig, Mounts, Path, Args, NetworkSettings } = found;
  const labels = Object.entries(Config['Labels'] as Record<string, string>);
  const isReplicas = (name: string) => name.startsWith('flotilla.') || name.startsWith('com.docker.compose.');
  return {
    words: [Path, ...Args],
    env: Config['Env'],
    user: Config['User'],
    workingDirectory: Config['WorkingDir'],
    entrypoint: Config['Entrypoint'],
    command: Config['Cmd'],
    stopSignal: Config['StopSignal'],
    stopTimeout: Config['StopTimeout'] ?? 10,
    labels: labels.filter(([name]) => !isReplicas(name)),
    limits: [HostConfig['NanoCpus'], HostConfig['Memory']],
    mounts: Mounts.map(({ Type, Name, Source, Destination, RW }) =>
      [Destination, Type, Name ?? Source, String(RW)].join(' '),
    ).toSorted(compareText),
    networks: Object.keys(NetworkSettings.Networks),
  };
}

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('a template that is read of a real container', () => {
  const names = { container: '', network: '', volume: '', image: '' };
  const made: string[] = [];
  let directory: string;
  let replicas: ReplicaDocker;
  const { signal } = new AbortController();
  const read = createTemplateReader(SOCKET);

  beforeEach(async () => {
    const unique = randomUUID().slice(0, 8);
    for (const key of ['container', 'network', 'volume', 'image'] as const)
      names[key] = `flotilla-test-${key}-${unique}`;
    directory = await mkdtemp(join(tmpdir(), 'flotilla-template-'));
    replicas = createReplicaDocker(SOCKET, `agent-${unique}`);
    await docker('network', 'create', names.network);
    await docker('volume', 'create', names.volume);
  });
  afterEach(async () => {
    await docker('rm', '--force', '--volumes', ...made.splice(0));
    await docker('network', 'rm', names.network);
    await docker('volume', 'rm', names.volume);
    await docker('rmi', names.image).catch(() => undefined);
    await rm(directory, { recursive: true });
  });

  async function runContainer(...args: string[]): Promise<ContainerTemplate> {
    made.push(names.container);
    await docker('run', '--detach', '--name', names.container, ...args);
    const template = await read(names.container, signal);
    if (template === null) throw new Error('the container was not found');
    return template;
  }

  /** As the Core would send it back, once it was saved as a service. */
  async function startReplica({ container }: ContainerTemplate): Promise<string> {
    const spec = containerSpec.parse({
      ...container,
      environment: container.environment.map((one) => ({ ...one, isSecret: true })),
    });
    const identity = { name: `${names.container}-replica`, serviceId: randomUUID(), specification: 'a'.repeat(64) };
    const id = await replicas.create(identity, spec, signal);
    made.push(id);
    await replicas.start(id, signal);
    return id;
  }

  it('makes a replica that is as the container is', async () => {
    const everything = [
      `--env=MODE=production --user=1:1 --workdir=/tmp --network=${names.network} --volume=${directory}:/data:ro`,
      `--volume=${names.volume}:/cache --cpus=0.5 --memory=64m --stop-signal=QUIT --stop-timeout=7 --tmpfs=/run`,
      '--label=team=red --label=com.docker.compose.project=shop --publish=127.0.0.1::80 --cap-add=NET_ADMIN',
      '--restart=always --entrypoint=/bin/sh',
    ].flatMap((line) => line.split(' '));
    const template = await runContainer(
      '--env',
      `SECRET=${SECRET}`,
      ...everything,
      IMAGE,
      '-c',
      'echo "$MODE"; exec sleep 600',
    );
    expect(template.untaken.map(({ setting }) => setting)).toEqual([
      'temporaryFiles',
      'publishedPorts',
      'capabilities',
      'restartPolicy',
    ]);
    expect(template).toMatchObject({ name: names.container, ports: [80], container: { image: IMAGE } });

    const [original, replica] = [await readNature(names.container), await readNature(await startReplica(template))];
    expect(replica).toEqual({ ...original, stopSignal: 'SIGQUIT' });
    expect(replica.env).toContain(`SECRET=${SECRET}`);
    const id = made.at(-1) ?? '';
    expect(await docker('exec', id, '/bin/sh', '-c', 'echo "$SECRET"'), 'as a program sees it').toBe(SECRET);
    expect(await docker('exec', id, '/bin/sh', '-c', 'pwd; id -u')).toBe('/tmp\n1');
  });

  it('takes over what the container has beyond its image, and nothing of the image', async () => {
    made.push(`${names.container}-base`);
    const changes = [
      'ENV A=1',
      'ENV B=2',
      'ENTRYPOINT ["/bin/sh", "-c"]',
      'CMD ["sleep 600"]',
      'LABEL of=image',
      'USER 2',
    ];
    await docker('create', '--name', `${names.container}-base`, IMAGE);
    await docker(
      'commit',
      ...changes.flatMap((change) => ['--change', change]),
      `${names.container}-base`,
      names.image,
    );
    const template = await runContainer('--env', 'B=3', '--env', 'C=4', names.image);
    // Docker merges them with the image’s in no order of its own.
    const byName = template.container.environment.toSorted((one, other) => compareText(one.name, other.name));
    expect({ ...template.container, environment: byName }).toMatchObject({
      environment: [
        { name: 'B', value: '3' },
        { name: 'C', value: '4' },
      ],
      entrypoint: null,
      command: null,
      user: null,
      labels: [],
    });
    const replica = await readNature(await startReplica(template));
    expect({ ...replica, env: (replica.env as string[]).toSorted(compareText) }).toEqual({
      ...(await readNature(names.container)),
      env: ['A=1', 'B=3', 'C=4'],
    });
  });

  it('drops the image’s entrypoint as the container does', async () => {
    made.push(`${names.container}-base`);
    await docker('create', '--name', `${names.container}-base`, IMAGE);
    await docker('commit', '--change', 'ENTRYPOINT ["/no"]', `${names.container}-base`, names.image);
    const template = await runContainer('--entrypoint', '', names.image, '/bin/sleep', '600');
    const replica = await readNature(await startReplica(template));
    expect(replica).toEqual(await readNature(names.container));
    expect(replica.words).toEqual(['/bin/sleep', '600']);
  });

  it('knows that the image’s name stands for another image by now, and takes a container by its id', async () => {
    await docker('tag', IMAGE, names.image);
    const { containerId, untaken } = await runContainer(names.image);
    expect(untaken).toEqual([]);
    await docker('tag', 'flotilla-test/nginx', names.image);
    const template = await read(containerId.slice(0, 12), signal);
    expect(template?.untaken.map(({ setting, detail }) => [setting, detail])).toEqual([['movedImage', names.image]]);
  });

  it('finds no container where none is, and says when Docker is away', async () => {
    made.push(names.container);
    await docker('create', '--name', names.container, IMAGE);
    expect(await read(`${names.container}-not`, signal)).toBeNull();
    expect((await read(names.container, signal))?.container.image, 'one that never ran').toBe(IMAGE);
    await expect(createTemplateReader(join(directory, 'no.sock'))(names.container, signal)).rejects.toThrow('ENOENT');
  });
});
