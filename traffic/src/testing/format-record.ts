import type { AccessRecord } from '../access-record.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A request as nginx writes it into `combined`, in UTC and without its newline. */
export function formatCombined(record: AccessRecord): string {
  const { remoteAddress, remoteUser, timeMs, status, bytes, referrer, userAgent } = record;
  const numbers = `${String(status ?? 0).padStart(3, '0')} ${bytes ?? 0}`;
  const quoted = [referrer, userAgent].map((value) => `"${escapeValue(value)}"`).join(' ');
  const client = `${escapeValue(remoteAddress)} - ${escapeValue(remoteUser)}`;
  return `${client} [${formatTime(timeMs ?? 0)}] "${escapeValue(requestOf(record) ?? '')}" ${numbers} ${quoted}`;
}

/** A request as nginx writes it with `escape=json`, which leaves out what is not there. */
export function formatJson(record: AccessRecord): string {
  const { remoteAddress, remoteUser, timeMs, status, bytes, referrer, userAgent } = record;
  return JSON.stringify({
    time_iso8601: new Date(timeMs ?? 0).toISOString(),
    remote_addr: remoteAddress,
    remote_user: remoteUser ?? '',
    request: requestOf(record) ?? '',
    status: String(status ?? 0).padStart(3, '0'),
    body_bytes_sent: String(bytes ?? 0),
    http_referer: referrer ?? '',
    http_user_agent: userAgent ?? '',
  });
}

/** As nginx writes a value (ngx_http_log_escape): a dash for none. */
export function escapeValue(value: string | null): string {
  if (value === null) return '-';
  return [...Buffer.from(value)]
    .map((byte) =>
      byte < 0x20 || byte >= 0x7f || byte === 0x22 || byte === 0x5c
        ? `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');
}

function requestOf({ method, uri, protocol }: AccessRecord): string | null {
  return method === null || uri === null ? null : [method, uri, protocol].filter((part) => part !== null).join(' ');
}

function formatTime(timeMs: number): string {
  const [date = '', time = ''] = new Date(timeMs).toISOString().split(/[T.]/);
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1] ?? ''}/${year}:${time} +0000`;
}
