import type { Directive } from './directive.ts';

/** What needs no quotes in any position: nginx's words end at white space and `;{}"'\#`, and `${` opens a variable. */
const BARE_WORD = /^[A-Za-z0-9_.:/*$@~^=,%+()[\]-]+$/;

/** The text of an nginx file, two spaces a level. */
export function formatDirectives(directives: readonly Directive[]): string {
  return directives.map((directive) => formatDirective(directive, '')).join('');
}

function formatDirective({ name, args, children, comment }: Directive, indent: string): string {
  const heading = comment === undefined ? '' : `${indent}# ${comment}\n`;
  const words = [name, ...args].map(quote).join(' ');
  if (children === undefined) return `${heading}${indent}${words};\n`;
  const body = children.map((child) => formatDirective(child, `${indent}  `)).join('');
  return `${heading}${indent}${words} {\n${body}${indent}}\n`;
}

/**
 * A word as nginx reads it back. Inside quotes its tokenizer (ngx_conf_read_token) turns `\\`, `\"`, `\'`, `\t`,
 * `\r` and `\n` into one character and leaves other backslashes alone.
 */
function quote(word: string): string {
  if (BARE_WORD.test(word)) return word;
  // Single quotes where they save escapes: people read these files.
  if (word.includes('"') && !/['\\]/.test(word)) return `'${word}'`;
  return `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
