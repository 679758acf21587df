import type { WafGuards } from '@flotilla/contracts';
import { readWafGuards, recordAudit, saveWafGuards } from '@flotilla/core-db';
import { userActor } from '../shared/audit-actor.ts';
import type { BanEdit, ChangeBansDeps } from './change-bans.ts';

export async function changeGuards(
  { inTransaction }: Pick<ChangeBansDeps, 'inTransaction'>,
  { user, clientAddress }: BanEdit,
  after: WafGuards,
): Promise<WafGuards> {
  return inTransaction(async (tx) => {
    const before = await readWafGuards(tx);
    await saveWafGuards(tx, after);
    await recordAudit(tx, {
      action: 'guards.saved',
      actor: userActor(user),
      subject: { kind: 'guards', id: null, name: 'firewall' },
      clientAddress,
      before,
      after,
    });
    return after;
  });
}
