/** The part of punycode.js (RFC 3492) that is used here; the package ships no types. */
declare module 'punycode.js' {
  /** Decodes the `xn--` labels of a domain name. @throws RangeError for malformed punycode */
  export function toUnicode(domain: string): string;
}
