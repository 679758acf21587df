/** Keys whose values never reach a log. */
export const SECRET_KEYS = [
  'password',
  'passwordHash',
  'apiKey',
  'api_key',
  'authorization',
  'cookie',
  'set-cookie',
  'token',
  'accessToken',
  'refreshToken',
  'joinToken',
  'jwt',
  'busJwt',
  'seed',
  'creds',
  'credentials',
  'secret',
  'privateKey',
  'encryptionKey',
] as const;

const secretKeys: ReadonlySet<string> = new Set(SECRET_KEYS.map((key) => key.toLowerCase()));

export const REDACTED = '[redacted]';

/** Deeper than any line has a reason to be; also ends a structure that contains itself. */
const MAX_DEPTH = 8;

/**
 * A copy in which the values of keys such as `password` are replaced, whatever their case and however they are nested in
 * plain objects and arrays. Instances of classes stay as they are: they are not data, and have serializers of their own.
 *
 * pino's own redaction names paths, and wildcards for each depth cost 24 to 70 µs a line; a line costs 1 to 6 µs this way.
 */
export function redactSecrets(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return depth < MAX_DEPTH ? value.map((item) => redactSecrets(item, depth + 1)) : REDACTED;
  if (!isPlainObject(value)) return value;
  return depth < MAX_DEPTH ? redactFields(value, depth) : REDACTED;
}

/** `redactSecrets` for what is an object anyway. */
export function redactFields(fields: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) {
    copy[key] = secretKeys.has(key.toLowerCase()) ? REDACTED : redactSecrets(fields[key], depth + 1);
  }
  return copy;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
