/** Tags of the ASN.1 types that a certificate needs (ITU-T X.690); those in brackets are the context's own. */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  version: 0xa0,
  extensions: 0xa3,
} as const;

/** One element: tag, length, content (X.690, 8.1). */
export function formatDer(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...encodeLength(body.length)]), body]);
}

/** `1.2.840.10045.2.1` and the like (X.690, 8.19). */
export function formatObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return formatDer(TAG.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(encodeArc)]));
}

/** Two digits of the year until 2049, four from then on, as RFC 5280 (4.1.2.5) asks for. Milliseconds are cut off. */
export function formatTime(time: Date): Buffer {
  const digits = `${time.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`;
  return time.getUTCFullYear() < 2050
    ? formatDer(TAG.utcTime, Buffer.from(digits.slice(2)))
    : formatDer(TAG.generalizedTime, Buffer.from(digits));
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

/** Seven bits a byte; all but the last have the eighth set. */
function encodeArc(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}
