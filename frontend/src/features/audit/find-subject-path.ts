import type { AuditEntry } from '@flotilla/contracts';

const PAGES: Readonly<Record<string, string>> = { agent: '/nodes', service: '/services' };

/** The page of what an entry is about; null when it has none, or was removed by this very entry. */
export function findSubjectPath({ action, subject }: Pick<AuditEntry, 'action' | 'subject'>): string | null {
  const page = PAGES[subject.kind];
  if (page === undefined || subject.id === null || action.endsWith('.deleted')) return null;
  return `${page}/${subject.id}`;
}
