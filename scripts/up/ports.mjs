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
 * A port on loopback: the preferred one when it is free, else one that the system chooses.
 * @param {number | undefined} preferred
 * @param {readonly number[]} [taken] ports that are free still but meant for others
 * @returns {Promise<number>}
 */
export async function chooseFreePort(preferred, taken = []) {
  const isUsable = async (port) => !taken.includes(port) && (await findPortProblem(port, '127.0.0.1')) === null;
  if (preferred !== undefined && (await isUsable(preferred))) return preferred;
  for (;;) {
    const port = await askForPort();
    if (!taken.includes(port)) return port;
  }
}

/** A port that the system chooses. */
function askForPort() {
  return new Promise((resolvePromise, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = server.address();
      server.close(() => resolvePromise(port));
    });
  });
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
