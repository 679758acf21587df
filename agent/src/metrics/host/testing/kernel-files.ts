import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../fixtures');

/** The folder that stands for a host's root. */
export function rootOf(host: string): string {
  return join(folder, host);
}

/** A file below a host's `/proc`. */
export function readProcOf(host: string, path: string): string {
  return readFileSync(join(rootOf(host), 'proc', path), 'utf8');
}
