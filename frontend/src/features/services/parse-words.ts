const isBlank = (character: string): boolean => /\s/.test(character);

/**
 * The words of a command as a shell would split it: blanks part them, quotes keep them together, a backslash keeps what
 * follows as it is (within single quotes it is one itself). Nothing else of a shell is there: no variables, no pipes.
 * @returns null when a quote is not closed, or nothing follows the last backslash
 */
export function parseWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  let isEscaped = false;
  for (const character of text) {
    if (isEscaped) {
      word = (word ?? '') + character;
      isEscaped = false;
    } else if (character === '\\' && quote !== "'") {
      isEscaped = true;
    } else if (quote !== null) {
      if (character === quote) quote = null;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (!isBlank(character)) {
      word = (word ?? '') + character;
    } else if (word !== null) {
      words.push(word);
      word = null;
    }
  }
  if (quote !== null || isEscaped) return null;
  return word === null ? words : [...words, word];
}
