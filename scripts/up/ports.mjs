import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Whether this user may listen on the port now, and why not: `null`, or an error code such as EADDRINUSE or EACCES.
 * @param {number} port
 * @param {string} [host] default: all addresses, as nginx listens
 */
export function findPortProblem(port, host = '0.0.0.0') {
  return new Promise((resolvePromise) => {
    const server = createServer();
    server.once('error', (error) => resolvePromise(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolvePromise(null)));
  });
}

/**
 * Below the ports that Linux gives to outgoing connections (from 32768): one of those may be taken in the next moment, or at
 * the next start, by whoever connects to anything.
 */
const LOWEST_PORT = 10_240;
const HIGHEST_PORT = 32_767;
const MOST_ATTEMPTS = 1000;

/**
 * A port: the preferred one when it is free, else any that is free and that no outgoing connection gets.
 * @param {number | undefined} preferred
 * @param {readonly number[]} [taken] ports that are free still but meant for others
 * @returns {Promise<number>}
 */
export async function chooseFreePort(preferred, taken = []) {
  const isUsable = async (port) => !taken.includes(port) && (await findPortProblem(port, '127.0.0.1')) === null;
  if (preferred !== undefined && (await isUsable(preferred))) return preferred;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
    if (!taken.includes(port) && (await findPortProblem(port)) === null) return port;
  }
  throw new Error(`none of ${MOST_ATTEMPTS} ports between ${LOWEST_PORT} and ${HIGHEST_PORT} is free`);
}

/**
 * The proxy's port: the wanted one (an error when it cannot be had), or the default with a fallback.
 * @returns {Promise<{ port: number, note: string | null }>}
 */
export async function chooseProxyPort({ name, wanted, kept, usual, fallback }) {
  if (wanted !== null) {
    const problem = await findPortProblem(wanted);
    if (problem === null) return { port: wanted, note: null };
    throw new Error(
      `${name}: port ${wanted} cannot be used (${describePortProblem(problem)}); free it or choose another`,
    );
  }
  for (const port of [kept, usual, fallback].filter((value) => value !== undefined)) {
    if ((await findPortProblem(port)) === null) {
      const problem = port === usual ? null : await findPortProblem(usual);
      return { port, note: problem === null ? null : `port ${usual} cannot be used (${describePortProblem(problem)})` };
    }
  }
  throw new Error(`neither port ${usual} nor ${fallback} can be used; set ${name} to a free port`);
}

/** What a code of `findPortProblem` means, in words. */
export function describePortProblem(code) {
  if (code === 'EADDRINUSE') return 'another program listens there';
  if (code === 'EACCES') return 'this user may not listen there';
  return code;
}
