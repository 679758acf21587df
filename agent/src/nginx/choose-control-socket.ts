/** Longest path of a Unix socket: sun_path has 108 bytes with the closing zero (unix(7)). */
const LONGEST_SOCKET_PATH = 107;

/**
 * Where the control server listens: below the root, or in the system's folder for temporary files when that is too
 * deep for a socket.
 * @param rootHash tells this root from others
 */
export function chooseControlSocket(root: string, temporaryFolder: string, rootHash: string): string {
  const below = `${root}/run/control.sock`;
  return new TextEncoder().encode(below).length <= LONGEST_SOCKET_PATH
    ? below
    : `${temporaryFolder}/flotilla-nginx-${rootHash}.sock`;
}
