/**
 * What PostgreSQL can store of a text that comes from an agent: it refuses NUL in every text, and half surrogate pairs in
 * JSON. An agent repeats what was not taken, so an odd container name must not turn into an error for ever.
 */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** A value as JSON for a jsonb column, all texts in it storable. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'string' ? storableText(member) : member));
}
