export const SERVICE_ID = '0190a0b0-1111-7222-8333-444455556666';

/** A line's fields, in the order of nginx's format. */
const DEFAULTS = {
  time: '1780000000.250',
  service: SERVICE_ID,
  status: '200',
  requestSeconds: '0.015',
  upstreamSeconds: '0.012',
  upstream: '172.17.0.2:8080',
  bytes: '1024',
  client: '192.0.2.7',
  requestId: '0123456789abcdef0123456789abcdef',
  method: 'GET',
  protocol: 'HTTP/1.1',
  requested: '/products/7?ref=a',
  referrer: 'https://shop.example.com/',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
};
export type LineDraft = Partial<typeof DEFAULTS>;

/** A line as nginx writes it, without its newline. */
export function buildLine(draft: LineDraft = {}): string {
  return Object.values({ ...DEFAULTS, ...draft }).join('"');
}
