/** Controls, what turns the direction of text around, and halves of characters. */
// eslint-disable-next-line no-control-regex -- naming the control characters is the point
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Makes what strangers wrote a line that can be shown, on a terminal as well: control characters become `\xHH`. */
export function escapeControl(text: string): string {
  return text.toWellFormed().replaceAll(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}
