import { z } from 'zod';
import { displayName } from '../values/text.ts';
import { errorPageKey, type ErrorPageKey } from './error-page-key.ts';

export const MAX_ERROR_PAGE_BYTES = 524_288;
/** All pages of a set together. */
export const MAX_ERROR_PAGE_SET_BYTES = 4_194_304;
/** A set as JSON: quotes and line breaks take two bytes there. */
export const MAX_ERROR_PAGE_BODY_BYTES = 2 * MAX_ERROR_PAGE_SET_BYTES;

/** What a page may write in double braces; nginx fills it in with each answer. */
export const ERROR_PAGE_VARIABLES = ['status', 'domain', 'requestId', 'time'] as const;
export type ErrorPageVariable = (typeof ERROR_PAGE_VARIABLES)[number];

/** `{{name}}`, also with white space inside. Other double braces are text: style sheets and scripts have them. */
const VARIABLE = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g;

function isVariable(name: string): name is ErrorPageVariable {
  return ERROR_PAGE_VARIABLES.some((known) => known === name);
}

function byteLengthOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A page's texts, and the variables between them. What is no variable is text. */
export function splitErrorPage(html: string): (string | { readonly variable: ErrorPageVariable })[] {
  const parts: (string | { readonly variable: ErrorPageVariable })[] = [];
  let end = 0;
  for (const found of html.matchAll(VARIABLE)) {
    const [text, variable = ''] = found;
    if (!isVariable(variable)) continue;
    parts.push(html.slice(end, found.index), { variable });
    end = found.index + text.length;
  }
  return [...parts, html.slice(end)];
}

/** One page: HTML with variables. */
export const errorPageHtml = z
  .string()
  .min(1, 'must not be empty')
  // PostgreSQL stores no NUL, and half a surrogate pair is no text.
  .refine((html) => !html.includes('\0') && html.isWellFormed(), 'must not contain broken characters')
  .refine((html) => byteLengthOf(html) <= MAX_ERROR_PAGE_BYTES, 'must have at most 512 KiB')
  .superRefine((html, context) => {
    const unknown = new Set([...html.matchAll(VARIABLE)].flatMap(([, name = '']) => (isVariable(name) ? [] : [name])));
    for (const name of unknown) {
      const known = ERROR_PAGE_VARIABLES.map((variable) => `{{${variable}}}`).join(', ');
      context.addIssue({
        code: 'custom',
        message: `has the unknown variable {{${name.slice(0, 40)}}}; there are ${known}`,
      });
    }
  });

/** HTML by what it is for. */
export const errorPages = z
  .partialRecord(errorPageKey, errorPageHtml)
  .refine((pages) => Object.keys(pages).length > 0, 'needs at least one page')
  .refine(
    (pages) => Object.values(pages).reduce((bytes, html) => bytes + byteLengthOf(html), 0) <= MAX_ERROR_PAGE_SET_BYTES,
    'must have at most 4 MiB together',
  );
export type ErrorPages = Partial<Record<ErrorPageKey, string>>;

/** A named set, as operators save it. */
export const errorPageSetInput = z.strictObject({ name: displayName, pages: errorPages });
export type ErrorPageSetInput = z.infer<typeof errorPageSetInput>;
