/**
 * Copies a text. Browsers open their clipboard API to https and localhost only, and a Core is often reached by plain
 * http, where the older way through a `copy` event still works.
 * @returns whether the text was copied
 */
export async function writeClipboard(text: string): Promise<boolean> {
  if (isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      // The user, or the browser's settings, refused.
      () => false,
    );
  }
  const onCopy = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  document.addEventListener('copy', onCopy, { once: true });
  const isCopied = document.execCommand('copy');
  document.removeEventListener('copy', onCopy);
  return isCopied;
}
