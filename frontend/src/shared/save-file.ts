/** Long enough for every browser to have begun to read the file. */
const KEPT_MS = 30_000;

/** Gives the reader a file, as the browser's downloads do. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
