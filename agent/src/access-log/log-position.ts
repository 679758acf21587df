import { z } from 'zod';

/** So much of a log's beginning tells it apart from others: the first line has its time and its request's id. */
export const HEAD_BYTES = 256;
const MAX_FILES = 100;

const file = z.object({
  inode: z.string(),
  /** Everything before it was handed on. */
  offset: z.number().int().min(0),
  /** What the file began with, up to `offset`; base64. */
  head: z.base64().transform((text): Buffer => Buffer.from(text, 'base64')),
  /** Within a line that was too long and is passed over. */
  isWithinLine: z.boolean(),
  /** When the file was last written to, by its file system; milliseconds since the epoch. */
  modifiedAtMs: z.number(),
});

export const logPosition = z.object({
  /** Oldest first: those that rotation left behind and that may still be written to, and the log. */
  files: z.array(file).max(MAX_FILES),
});

/**
 * How far a log was read. Whoever must count no line twice stores it together with what was made of the lines before it, in
 * one step, and begins from it.
 */
export type LogPosition = z.infer<typeof logPosition>;
export type FilePosition = LogPosition['files'][number];

export function formatLogPosition({ files }: LogPosition): string {
  return JSON.stringify({ files: files.map((one) => ({ ...one, head: one.head.toString('base64') })) });
}
