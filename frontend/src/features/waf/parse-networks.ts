/** What was typed or pasted, without what a `#` begins. The Core says which of them is none, by its place. */
export function parseNetworks(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, ''))
    .flatMap((line) => line.split(/[\s,;]+/))
    .filter((entry) => entry !== '');
}
