import type { z } from 'zod';

export type ParsedMessage<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

const MAX_REASON_LENGTH = 1000;

/** Reads a message's body as JSON of the given schema, or says what is wrong with it. */
export function parseMessage<Value>(schema: z.ZodType<Value>, body: Uint8Array): ParsedMessage<Value> {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    return { ok: false, reason: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'} ${message}`);
  return { ok: false, reason: issues.join('; ').slice(0, MAX_REASON_LENGTH) };
}
