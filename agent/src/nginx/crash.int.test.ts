import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DesiredState } from '@flotilla/contracts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ApplyStep, ProxySettings } from './proxy.ts';
import { buildDesiredState, buildSite } from './testing/build-site.ts';
import { sendRequest } from './testing/send-request.ts';
import { startBackend } from './testing/start-backend.ts';
import { endNginx, makeSettings, startProxy } from './testing/start-proxy.ts';

const SITES = 10;
const bound = { timeout: 10_000, interval: 20 };
const ids = Array.from({ length: SITES }, () => randomUUID());
const steps: ApplyStep[] = ['rendered', 'tested', 'swapped', 'reloaded', 'confirmed', 'recorded'];

/** All sites answer with the version, so that a mixture of two versions shows. */
function versionOf(version: string, port: number): DesiredState {
  const sites = ids.map((serviceId, index) =>
    buildSite({
      serviceId,
      serviceRevision: version === 'old' ? 1 : 2,
      domains: [`site-${index}.example.com`],
      target: { host: '127.0.0.1', port },
      responseHeaders: [{ name: 'X-Version', value: version }],
    }),
  );
  return buildDesiredState(...sites);
}

async function readVersions(port: number): Promise<string[]> {
  const replies = await Promise.all(ids.map((_, index) => sendRequest({ port, host: `site-${index}.example.com` })));
  return [...new Set(replies.map(({ headers }) => String(headers['x-version'])))];
}

/** @returns the signal that ended the process */
async function applyAndDie(settings: ProxySettings, desired: DesiredState, diesAfter: ApplyStep): Promise<unknown> {
  const job = join(settings.directory, 'job.json');
  const { directory, httpPort, httpsPort } = settings;
  await writeFile(job, JSON.stringify({ directory, httpPort, httpsPort, desired, diesAfter }));
  const script = fileURLToPath(new URL('testing/apply-and-die.ts', import.meta.url));
  const child = spawn(process.execPath, [script, job], { stdio: 'inherit' });
  const [, signal] = await once(child, 'exit');
  return signal;
}

describe.each([{ nginx: 'lives on' }, { nginx: 'is restarted' }])('kill -9 of the agent, nginx $nginx', ({ nginx }) => {
  it.each(steps)('after the step "%s": old or new, never mixed, and new after the next apply', async (step) => {
    await using backend = await startBackend('backend');
    const settings = await makeSettings();
    onTestFinished(() => endNginx(settings));
    const [oldState, newState] = [versionOf('old', backend.port), versionOf('new', backend.port)];
    const first = await startProxy(settings);
    expect(await first.proxy.apply(oldState)).toMatchObject({ outcome: 'applied', rejectedSites: [] });
    await first.proxy.stop({ leaveServing: true });

    expect(await applyAndDie(settings, newState, step)).toBe('SIGKILL');
    // For some 100 ms after a reload old workers answer beside new ones, each request by one of them alone.
    await vi.waitFor(
      async () => expect([['old'], ['new']]).toContainEqual(await readVersions(settings.httpPort)),
      bound,
    );
    if (nginx === 'is restarted') {
      const stopping = await startProxy(settings);
      await stopping.proxy.stop({ leaveServing: false });
    }

    await using node = await startProxy(settings);
    const versions = await readVersions(settings.httpPort);
    expect([['old'], ['new']]).toContainEqual(versions);
    const revision = versions[0] === 'old' ? oldState.revision : newState.revision;
    expect(node.proxy.appliedRevision()).toBe(revision);

    expect(await node.proxy.apply(newState)).toMatchObject({ outcome: 'applied', rejectedSites: [] });
    expect(await readVersions(settings.httpPort)).toEqual(['new']);
  });
});
