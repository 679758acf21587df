const LONGEST = 120;

/** A file's name out of names that people gave: letters and digits of any language, the rest as dashes. */
export function formatFileName(parts: readonly string[], extension: string): string {
  const words = parts.map((part) => part.replaceAll(/[^\p{L}\p{N}._]+/gu, '-').replaceAll(/^[-.]+|[-.]+$/g, ''));
  return `${words
    .filter((word) => word !== '')
    .join('-')
    .slice(0, LONGEST)}.${extension}`;
}
