import { z } from 'zod';

/** Offsets such as +02:00 are no names: they know no summer time. */
const NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;

/** IANA name of a time zone that this program knows, such as Europe/Berlin. */
export const timeZone = z
  .string()
  .trim()
  .max(64, 'must have at most 64 characters')
  .refine((name) => NAME.test(name) && isKnown(name), 'is not a time zone such as Europe/Berlin or UTC');

function isKnown(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
