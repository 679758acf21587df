import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether every folder above the path may be entered by everybody, so that another user can reach what is there. */
export function isOpenToAll(path) {
  const parent = dirname(path);
  return parent === path || ((statSync(parent).mode & 0o001) !== 0 && isOpenToAll(parent));
}
