import { z } from 'zod';

/** C0 and C1 controls and DEL: they split log lines, headers and nginx tokens. */
// eslint-disable-next-line no-control-regex -- naming the control characters is the point
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/;

/** Has no control characters, and no broken ones. */
export function isPlainText(text: string): boolean {
  // Half a surrogate pair is no text: PostgreSQL refuses it in JSON.
  return !CONTROL_CHARACTERS.test(text) && text.isWellFormed();
}

/**
 * One line of human text: trimmed, without control characters.
 * @param maxLength in UTF-16 code units, after trimming
 */
export function singleLine(maxLength: number, minLength = 1) {
  return (
    z
      .string()
      .trim()
      .min(minLength, minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`)
      .max(maxLength, `must have at most ${maxLength} characters`)
      .refine((text) => !CONTROL_CHARACTERS.test(text), 'must not contain line breaks or control characters')
      // Half a surrogate pair is no text: PostgreSQL refuses it in JSON.
      .refine((text) => text.isWellFormed(), 'must not contain broken characters')
  );
}

/** A name that people give to a thing: a service, a node, a token. */
export const displayName = singleLine(80);
