/** Words that need no quotes, whatever reads them. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** Words in one line that `parseWords` reads as the same words. */
export function formatWords(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`)).join(' ');
}
