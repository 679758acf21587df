import type { BasicAuthHashed } from '@flotilla/contracts';
import { directive, UnsafeValueError, type Directive } from '../directive.ts';

/** @param passwordFile as nginx sees it; its content is `formatPasswordFile` */
export function basicAuth(realm: string, passwordFile: string): Directive[] {
  // `off` is nginx's word for no authentication at all; a variable could become it.
  if (realm === 'off' || realm.includes('$')) throw new UnsafeValueError(realm, 'cannot be a realm');
  return [directive('auth_basic', realm), directive('auth_basic_user_file', passwordFile)];
}

/** One `user:hash` a line. @throws UnsafeValueError for what would become another line or another user */
export function formatPasswordFile({ users }: BasicAuthHashed): string {
  return users
    .map(({ username, passwordHash }) => {
      if (!/^[^:\s#]+$/.test(username)) throw new UnsafeValueError(username, 'cannot be a user name');
      if (!/^[^:\s]+$/.test(passwordHash)) throw new UnsafeValueError(username, 'has a hash that cannot be written');
      return `${username}:${passwordHash}\n`;
    })
    .join('');
}
