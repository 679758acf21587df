const LONGEST = 2000;
/** Characters that a reader cannot see, or that would turn the line around (Unicode's bidirectional controls). */
// eslint-disable-next-line no-control-regex -- naming the control characters is the point
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A dead letter's body as text: what cannot be shown is shown as �, a long one is cut. */
export function formatLetterBody(base64: string): string {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    return '�';
  }
  const text = new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  const shown = text.replace(INVISIBLE, '�');
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}
