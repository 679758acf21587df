import { randomBytes } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { syncFolder } from '../write-durably.ts';

const OWNER_ONLY = 0o600;
/** Two copies, written in turn, each in a block of its own: a torn one leaves the other. */
const COPIES = 2;
const COPY_DISTANCE_BYTES = 4096;
const COPY_BYTES = 512;
const COPY_HEADER_BYTES = 8;

const count = z.number().int().min(0);
const spoolState = z.object({
  /** Goes up with each write: the copy with the greater one counts. */
  generation: count,
  /**
   * 128 random bits, made with the spool and shown to nobody. It begins the Nats-Msg-Id of each message, and the server
   * compares those of all agents: one that could guess another's could send them first, and the server would take the
   * other's messages for repeats and drop them.
   */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The agent whose samples these are. A copied host that joins as a new one must not go on with the ids of the first. */
  agentId: z.string(),
  /** The bus has everything up to this sequence; what a crash sends again the Core removes. */
  acknowledgedThrough: count,
  /** Since the spool was made. */
  droppedSamples: count,
  /** Of the newest record, also when that one is gone; 0 before the first. */
  lastSampledAt: z.number().min(0),
});
export type SpoolState = Omit<z.infer<typeof spoolState>, 'generation'>;

export interface StateFile {
  readonly initial: SpoolState;
  /**
   * What was there before. Of an unreadable file the samples are this agent's, as far as anybody knows; counts and the
   * place in the spool begin anew.
   */
  readonly found: 'own' | 'nothing' | 'unreadable' | 'of another agent';
  /** Overwrites in place, so that a full disk keeps nobody from counting. */
  readonly write: (state: SpoolState) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens the spool's memory, or makes it with a new id. */
export async function openStateFile(file: string, agentId: string): Promise<StateFile> {
  const handle = await openOrCreate(file);
  try {
    const content = Buffer.alloc((COPIES - 1) * COPY_DISTANCE_BYTES + COPY_BYTES);
    const { bytesRead } = await handle.read(content, 0, content.length, 0);
    const newest = readNewest(content);
    const isOwn = newest?.agentId === agentId;
    const state = isOwn ? newest : createState(agentId);
    let generation = newest?.generation ?? 0;
    const write = async (next: SpoolState): Promise<void> => {
      generation += 1;
      await writeCopy(handle, { ...next, generation });
    };
    if (!isOwn) {
      for (let copy = 0; copy < COPIES; copy += 1) await write(state);
      // Once: an id that a power loss takes away would come with sequences that were used before.
      await handle.sync();
      await syncFolder(dirname(file));
    }
    const other = newest === null ? (bytesRead === 0 ? 'nothing' : 'unreadable') : 'of another agent';
    return { initial: state, found: isOwn ? 'own' : other, write, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function createState(agentId: string): SpoolState {
  return { id: randomBytes(16).toString('hex'), agentId, acknowledgedThrough: 0, droppedSamples: 0, lastSampledAt: 0 };
}

async function openOrCreate(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r+');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return open(file, 'wx+', OWNER_ONLY);
  }
}

async function writeCopy(handle: FileHandle, state: z.infer<typeof spoolState>): Promise<void> {
  const copy = Buffer.alloc(COPY_BYTES);
  const length = copy.write(JSON.stringify(state), COPY_HEADER_BYTES);
  copy.writeUInt32LE(length, 4);
  copy.writeUInt32LE(crc32(copy.subarray(4)), 0);
  await handle.write(copy, 0, COPY_BYTES, (state.generation % COPIES) * COPY_DISTANCE_BYTES);
}

function readNewest(content: Buffer): z.infer<typeof spoolState> | null {
  const copies = Array.from({ length: COPIES }, (_, copy) => readCopy(content, copy * COPY_DISTANCE_BYTES));
  const readable = copies.filter((state) => state !== null);
  return readable.toSorted((a, b) => b.generation - a.generation)[0] ?? null;
}

function readCopy(content: Buffer, from: number): z.infer<typeof spoolState> | null {
  const copy = content.subarray(from, from + COPY_BYTES);
  const length = copy.readUInt32LE(4);
  if (crc32(copy.subarray(4)) !== copy.readUInt32LE(0) || length > COPY_BYTES - COPY_HEADER_BYTES) return null;
  const text = copy.toString('utf8', COPY_HEADER_BYTES, COPY_HEADER_BYTES + length);
  return spoolState.safeParse(JSON.parse(text)).data ?? null;
}
