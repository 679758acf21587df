const DAY_MS = 86_400_000;
/** A certificate with less than this left is replaced. */
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** `<series>-20271224.pem`; the day on which it expires (UTC) is part of the name, so that no file need be parsed. */
export function formatCertificateFile(series: string, expiresAt: Date): string {
  return `${series}-${expiresAt.toISOString().slice(0, 10).replaceAll('-', '')}.pem`;
}

/** The file of a series that lasts longest, or null when none lasts long enough. */
export function chooseCertificateFile(files: readonly string[], series: string, now: Date): string | null {
  const lasting = files.filter((file) => {
    const [, year, month, day] = /-(\d{4})(\d{2})(\d{2})\.pem$/.exec(file) ?? [];
    if (year === undefined || !file.startsWith(`${series}-`)) return false;
    return Date.UTC(Number(year), Number(month) - 1, Number(day)) - now.getTime() > RENEW_BEFORE_MS;
  });
  return lasting.toSorted().at(-1) ?? null;
}
