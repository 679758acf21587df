/**
 * The system's name for people, from os-release(5): `Debian GNU/Linux 12 (bookworm)`. Null when the file names none.
 */
export function parseOsRelease(text: string): string | null {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], unquote(match[2]));
  }
  const name = [values.get('NAME'), values.get('VERSION')].filter(Boolean).join(' ');
  return values.get('PRETTY_NAME') || name || null;
}

/** Shell quoting, as far as the format allows it: one pair of quotes, and backslashes before special characters. */
function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  if (quoted?.[2] === undefined) return value;
  return quoted[1] === '"' ? quoted[2].replaceAll(/\\([$"\\`])/g, '$1') : quoted[2];
}
