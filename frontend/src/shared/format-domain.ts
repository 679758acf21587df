import { toUnicode } from 'punycode.js';

/** A domain as people read it: `xn--e1afmkfd.xn--p1ai` is `пример.рф`. What does not decode stays as it is. */
export function formatDomain(name: string): string {
  if (!name.includes('xn--')) return name;
  try {
    return toUnicode(name);
  } catch (error) {
    // Labels that only look like punycode are legal host names.
    if (error instanceof RangeError) return name;
    throw error;
  }
}
