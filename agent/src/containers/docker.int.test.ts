import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObservedContainer } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DockerRelay } from '../testing/docker-relay.ts';
import { createMemoryLog } from '../testing/memory-log.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { Inventory } from './inventory.ts';
import { createContainerReader } from './read-containers.ts';
import { runDockerWatch } from './run-docker-watch.ts';

const IMAGE = 'flotilla-test/web';
const run = promisify(execFile);
const docker = async (...args: string[]) => (await run('docker', args)).stdout.trim();

describe.skipIf(process.env['FLOTILLA_TEST_DOCKER'] !== '1')('Docker', () => {
  let directory: string;
  let relay: DockerRelay;
  let inventory: Inventory;
  let containers: readonly ObservedContainer[];
  let addressChanges: number;
  let ending: AbortController;
  let watch: ReturnType<typeof runDockerWatch>;
  const started: string[] = [];
  let network: string | null = null;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flotilla-docker-'));
    relay = new DockerRelay(directory);
    containers = [];
    addressChanges = 0;
    ending = new AbortController();
    inventory = new Inventory({
      nginx: { kind: 'host' },
      onDockerStatus: () => undefined,
      onContainers: (next) => (containers = next),
      onAddresses: () => (addressChanges += 1),
    });
  });

  afterEach(async () => {
    ending.abort();
    await watch.finished;
    await relay.cut();
    if (started.length > 0) await docker('rm', '-f', '-v', ...started.splice(0));
    if (network !== null) await docker('network', 'rm', network);
    network = null;
    await rm(directory, { recursive: true, force: true });
  });

  function follow(): void {
    const reader = createContainerReader(relay.path);
    watch = runDockerWatch({ reader, inventory, logger: createMemoryLog().logger, signal: ending.signal });
  }

  async function startContainer(...args: string[]): Promise<string> {
    const name = `flotilla-test-${randomUUID().slice(0, 8)}`;
    started.push(name);
    await docker('run', '-d', '--name', name, ...args, IMAGE);
    return name;
  }

  const find = (name: string) => containers.find((container) => container.name === name);
  const isAvailable = (name: string) => inventory.resolve(name, 80).state === 'available';

  it('tells of containers that come, stop, go and are renamed, as it happens', async () => {
    await relay.start();
    follow();
    await watch.firstAttempt;
    expect(inventory.dockerStatus).toMatchObject({ available: true, reason: null });

    const name = await startContainer('--label', 'com.docker.compose.service=web');
    await waitUntil('the new one', () => isAvailable(name));
    expect(find(name)).toMatchObject({ state: 'running', image: IMAGE, composeService: 'web' });
    const address = await docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', name);
    expect(inventory.resolve(name, 80)).toEqual({ state: 'available', endpoints: [{ address, port: 80 }] });
    // Docker says "running" before the program inside listens.
    await waitUntil('an answer, as nginx would get it', () =>
      fetch(`http://${address}:80/`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );

    await docker('stop', '-t', '0', name);
    await waitUntil('the stop', () => find(name)?.state === 'exited');
    expect(inventory.resolve(name, 80)).toEqual({
      state: 'unavailable',
      reason: `container "${name}" is not running`,
    });
    await docker('start', name);
    await waitUntil('the start', () => isAvailable(name));
    await docker('rename', name, `${name}-2`);
    started.push(`${name}-2`);
    await waitUntil('the new name', () => isAvailable(`${name}-2`));
    await docker('rm', '-f', `${name}-2`);
    started.splice(0);
    await waitUntil('its end', () => find(`${name}-2`) === undefined);
  });

  it('follows a container to another network', async () => {
    await relay.start();
    follow();
    const name = await startContainer();
    await waitUntil('the new one', () => isAvailable(name));
    const before = addressChanges;
    network = `flotilla-test-${randomUUID().slice(0, 8)}`;
    await docker('network', 'create', network);
    await docker('network', 'connect', network, name);
    await docker('network', 'disconnect', 'bridge', name);
    await waitUntil(
      'the new network',
      () =>
        find(name)
          ?.networks.map((known) => known.name)
          .join() === network,
    );
    const address = find(name)?.networks[0]?.address;
    expect(inventory.resolve(name, 80)).toEqual({ state: 'available', endpoints: [{ address, port: 80 }] });
    expect(addressChanges).toBeGreaterThan(before);
  });

  it('finds containers of the host’s network at loopback', async () => {
    await relay.start();
    follow();
    const name = `flotilla-test-${randomUUID().slice(0, 8)}`;
    started.push(name);
    await docker('run', '-d', '--name', name, '--network', 'host', IMAGE, '/bin/sleep', '60');
    await waitUntil('the new one', () => isAvailable(name));
    expect(inventory.resolve(name, 8080)).toMatchObject({ endpoints: [{ address: '127.0.0.1', port: 8080 }] });
  });

  it('does without Docker, and picks it up when it appears', async () => {
    follow();
    await watch.firstAttempt;
    expect(inventory.dockerStatus).toEqual({
      available: false,
      version: null,
      reason: expect.stringContaining('Docker does not run here') as string,
    });
    expect(inventory.resolve('web', 80).state).toBe('unknown');
    await relay.start();
    await waitUntil('Docker', () => inventory.dockerStatus.available, 12_000);
  });

  it('keeps what it knew while Docker restarts, and reads all again', async () => {
    await relay.start();
    follow();
    const name = await startContainer();
    await waitUntil('the new one', () => isAvailable(name));
    await relay.cut();
    await waitUntil('the loss', () => !inventory.dockerStatus.available);
    expect(inventory.resolve(name, 80).state, 'nothing is said of the container').toBe('unknown');
    expect(find(name)?.state).toBe('running');
    await docker('stop', '-t', '0', name);
    await relay.start();
    await waitUntil('what happened meanwhile', () => find(name)?.state === 'exited', 12_000);
    expect(inventory.resolve(name, 80).state).toBe('unavailable');
  });
});
