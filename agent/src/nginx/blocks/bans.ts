import type { Site } from '@flotilla/contracts';
import { block, directive, type Directive } from '../directive.ts';
import { siteKey } from './names.ts';

/** Closes the connection without an answer. */
const CLOSED = 444;

/** Who is banned gets no further. The variables are those of the bans' file (`bans/render-bans.ts`). */
export function banRules(serviceId: string, { banAnswer }: Site['firewall']): Directive[] {
  const refuse = [directive('return', banAnswer === 'close' ? CLOSED : 403)];
  return [
    block('if', ['($flotilla_ban)'], refuse),
    block('if', ['($flotilla_service_ban', '~', `${siteKey(serviceId)})`], refuse),
  ];
}
