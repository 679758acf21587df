import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivateFile(file, text) {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/** What an installation remembers between starts: its ports, and the database's password. */
export function readState(dataDir) {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const file = join(dataDir, 'state.json');
  if (!existsSync(file)) return { ports: {}, databasePassword: randomBytes(24).toString('hex') };
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read (${error.message}); restore it, or move the folder away to start anew`);
  }
}

export function writeState(dataDir, state) {
  writePrivateFile(join(dataDir, 'state.json'), `${JSON.stringify(state, null, 2)}\n`);
}
