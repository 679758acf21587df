import { join } from 'node:path';
import type { RefusedNetwork } from '../../shared/ban-gate.ts';
import { writeDurably } from '../../shared/write-durably.ts';
import { contentHash } from '../content-hash.ts';
import { renderBans } from './render-bans.ts';

export interface BansWriterDeps {
  /** The agent's nginx folder. */
  readonly root: string;
  /** Shared files that are on disk; what is written is added. */
  readonly present: Set<string>;
}

/** @returns the file that nginx includes, as a path below the root. @throws UnsafeValueError */
export async function writeBans(refused: Iterable<RefusedNetwork>, { root, present }: BansWriterDeps): Promise<string> {
  const content = renderBans(refused);
  // The name carries the content's hash, so what is there is equal.
  const file = `bans/${contentHash(content)}.conf`;
  if (!present.has(file)) await writeDurably(join(root, file), content, { mode: 0o600 });
  present.add(file);
  return file;
}
