import { findFreePorts } from '@flotilla/e2e/harness';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startChild } from './child.ts';
import { waitForAnswer } from './wait-for-answer.ts';

/**
 * What nginx takes by itself: one of `sites` files rewritten, SIGHUP to the master, until the new answer serves.
 * @returns milliseconds for each change
 */
export async function measureBareReload(prefix: string, sites: number, changes: number): Promise<number[]> {
  const [port] = await findFreePorts();
  await mkdir(join(prefix, 'sites'), { recursive: true });
  await writeFile(join(prefix, 'nginx.conf'), renderMain(prefix, port));
  for (let site = 1; site <= sites; site += 1) await writeSite(prefix, port, site, 'start');

  const nginx = startChild('nginx', ['-p', prefix, '-c', join(prefix, 'nginx.conf'), '-g', 'daemon off;']);
  try {
    const domain = `site-${sites}.example.com`;
    await waitForAnswer(port, domain, 'start');
    const samples: number[] = [];
    for (let change = 1; change <= changes; change += 1) {
      const startedAt = performance.now();
      await writeSite(prefix, port, sites, `change-${change}`);
      nginx.process.kill('SIGHUP');
      await waitForAnswer(port, domain, `change-${change}`);
      samples.push(performance.now() - startedAt);
    }
    return samples;
  } finally {
    await nginx.stop();
  }
}

function renderMain(prefix: string, port: number): string {
  return [
    `pid ${prefix}/nginx.pid;`,
    `error_log ${prefix}/error.log;`,
    'events { worker_connections 1024; }',
    'http {',
    '  access_log off;',
    '  server_names_hash_bucket_size 128;',
    `  server { listen 127.0.0.1:${port} default_server; return 444; }`,
    '  include sites/*.conf;',
    '}',
  ].join('\n');
}

function writeSite(prefix: string, port: number, site: number, text: string): Promise<void> {
  const server = `server { listen 127.0.0.1:${port}; server_name site-${site}.example.com; return 200 ${text}; }\n`;
  return writeFile(join(prefix, 'sites', `${site}.conf`), server);
}
