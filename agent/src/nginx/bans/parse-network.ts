/** A network as numbers. */
export interface Network {
  /** Bits of its kind of address: 32 or 128. */
  readonly width: 32 | 128;
  readonly prefix: number;
  /** Its first address. */
  readonly bits: bigint;
}

/** @param text in the form that `contracts` writes: a canonical address and its prefix length */
export function parseNetwork(text: string): Network {
  const [address = '', prefix] = text.split('/');
  const width = address.includes(':') ? 128 : 32;
  const bits = width === 32 ? parseIpv4(address) : parseIpv6(address);
  const shift = BigInt(width - Number(prefix));
  return { width, prefix: Number(prefix), bits: (bits >> shift) << shift };
}

function parseIpv4(address: string): bigint {
  return address.split('.').reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
}

/** Canonical, so that an IPv4 part at the end is written as two groups. */
function parseIpv6(address: string): bigint {
  const [left = '', right] = address.split('::');
  const head = groupsOf(left);
  const tail = groupsOf(right ?? '');
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
