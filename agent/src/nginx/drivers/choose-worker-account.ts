export interface Account {
  readonly name: string;
  readonly userId: number;
  readonly groupId: number;
}

export interface FolderAccess {
  readonly userId: number;
  readonly groupId: number;
  /** Permission bits. */
  readonly mode: number;
}

/** Debian's and nginx.org's packages, then what every system has. */
const PREFERRED = ['www-data', 'nginx', 'nobody'] as const;

/** `name:x:33:33:…`, one account a line (passwd(5)). */
export function parseAccounts(passwd: string): Account[] {
  return passwd.split('\n').flatMap((line) => {
    const [name, , userId, groupId] = line.split(':');
    return name && userId && groupId ? [{ name, userId: Number(userId), groupId: Number(groupId) }] : [];
  });
}

/**
 * The account for nginx's workers: one without rights that can pass through all folders on the way to nginx's files.
 * @param path all folders from `/` on
 * @returns null when no account can
 */
export function chooseWorkerAccount(accounts: readonly Account[], path: readonly FolderAccess[]): Account | null {
  const canPass = ({ userId, groupId }: Account, folder: FolderAccess): boolean => {
    if (folder.userId === userId) return (folder.mode & 0o100) !== 0;
    if (folder.groupId === groupId) return (folder.mode & 0o010) !== 0;
    return (folder.mode & 0o001) !== 0;
  };
  const candidates = PREFERRED.flatMap((name) => accounts.filter((account) => account.name === name));
  return candidates.find((account) => path.every((folder) => canPass(account, folder))) ?? null;
}
