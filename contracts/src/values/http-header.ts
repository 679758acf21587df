import { z } from 'zod';

/** RFC 9110 §5.6.2 token, in the subset that nginx takes as a header name. */
const HEADER_NAME = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
/** Printable ASCII (RFC 9110 §5.5 without obs-text and tabs). */
const HEADER_VALUE = /^[\x20-\x7e]*$/;
/** A dollar sign may only begin an nginx variable: `$host` or `${host}`. */
const STRAY_DOLLAR = /\$(?![a-z_][a-z0-9_]*|\{[a-z_][a-z0-9_]*\})/;

/** The proxy sets these itself; a second value would break framing or the client's address. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
]);

export const headerName = z
  .string()
  .trim()
  .max(128, 'must have at most 128 characters')
  .regex(HEADER_NAME, 'is not a header name; use letters, digits and hyphens, such as X-Team')
  .refine((name) => !RESERVED_NAMES.has(name.toLowerCase()), 'is set by the proxy itself and cannot be replaced');

/** A header's value; nginx variables such as `$request_id` are allowed and resolved per request. */
export const headerValue = z
  .string()
  .trim()
  .max(2048, 'must have at most 2048 characters')
  .regex(HEADER_VALUE, 'must be printable ASCII')
  .refine((value) => !STRAY_DOLLAR.test(value), 'has a $ that begins no variable; variables look like $request_id');

export const headerSetting = z.strictObject({ name: headerName, value: headerValue });
export type HeaderSetting = z.infer<typeof headerSetting>;
