import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { writePrivateFile } from './state.mjs';

const FILE = 'supervisor.json';
const TIMEOUT_MS = 15_000;

/**
 * Lets `npm run status` and `npm run down` talk to the running supervisor: a loopback port and a secret, both in a file
 * of the data directory that only its owner may read.
 * @param {{ dataDir: string, describe: () => Promise<object>, stop: () => Promise<void> }} options
 */
export async function startControlServer({ dataDir, describe, stop }) {
  const secret = randomBytes(32).toString('hex');
  const isAllowed = (request) => {
    const given = Buffer.from(String(request.headers['x-flotilla-secret'] ?? ''));
    return given.length === secret.length && timingSafeEqual(given, Buffer.from(secret));
  };
  const answer = async (request, response) => {
    if (!isAllowed(request)) return response.writeHead(403).end();
    if (request.method === 'GET' && request.url === '/status') return response.end(JSON.stringify(await describe()));
    if (request.method === 'POST' && request.url === '/stop') {
      await stop();
      return response.end('{}');
    }
    return response.writeHead(404).end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(error.message));
  });
  await new Promise((resolvePromise, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolvePromise);
  });
  const file = join(dataDir, FILE);
  const { port } = server.address();
  writePrivateFile(file, JSON.stringify({ port, secret, pid: process.pid }));
  return {
    port,
    close: () => {
      rmSync(file, { force: true });
      server.close();
      server.closeIdleConnections();
    },
  };
}

/**
 * Asks the supervisor of a data directory.
 * @param {string} dataDir
 * @param {'GET' | 'POST'} method
 * @param {'/status' | '/stop'} path
 * @returns {Promise<object | null>} null when none runs
 */
export async function askSupervisor(dataDir, method, path) {
  const file = join(dataDir, FILE);
  if (!existsSync(file)) return null;
  const { port, secret } = JSON.parse(readFileSync(file, 'utf8'));
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'x-flotilla-secret': secret },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // Another program may have got the port of a supervisor that was killed.
    if (response.status === 403 || response.status === 404) return null;
    if (!response.ok) throw new Error(`the supervisor answered ${response.status}: ${await response.text()}`);
    return await response.json();
  } catch (error) {
    if (error.cause?.code === 'ECONNREFUSED') return null;
    throw error;
  }
}
