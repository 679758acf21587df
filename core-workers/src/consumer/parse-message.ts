import type { z } from 'zod';

export type ParsedMessage<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

/** Makes a value of a message, or says what is wrong with it. The subject is what the bus's server has enforced. */
export type ParseMessage<Value> = (body: Uint8Array, subject: string) => ParsedMessage<Value>;

const MAX_REASON_LENGTH = 1000;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads a message's body as JSON of any shape, or says why it is none. */
export function parseJsonBody(body: Uint8Array): ParsedMessage<unknown> {
  try {
    return { ok: true, value: JSON.parse(decoder.decode(body)) };
  } catch (error) {
    return { ok: false, reason: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Reads a message's body as JSON of the given schema, or says what is wrong with it. */
export function parseMessage<Value>(schema: z.ZodType<Value>, body: Uint8Array): ParsedMessage<Value> {
  const json = parseJsonBody(body);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'} ${message}`);
  return { ok: false, reason: issues.join('; ').slice(0, MAX_REASON_LENGTH) };
}
