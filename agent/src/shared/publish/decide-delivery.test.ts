import { describe, expect, it } from 'vitest';
import { decideDelivery, MAX_REFUSALS, type DeliveryHistory } from './decide-delivery.ts';
import type { Ack } from '../parse-ack.ts';

const stored: Ack = { kind: 'stored', isRepeat: true };
const tooLarge: Ack = { kind: 'refused', code: 400, reason: 'too large' };
const full: Ack = { kind: 'refused', code: 503, reason: 'maximum bytes exceeded' };

describe('decideDelivery', () => {
  it.each<[string, Ack | null, DeliveryHistory, string]>([
    ['a repeat is as good as the first', stored, { failures: 0, areOthersStored: false }, 'done'],
    ['a wrong message is wrong every time', tooLarge, { failures: 1, areOthersStored: false }, 'discard'],
    ['a full stream may have room later', full, { failures: 1, areOthersStored: true }, 'resend'],
    ['an answer may be lost', null, { failures: 1, areOthersStored: true }, 'resend'],
    ['nothing is given up while nothing is taken', full, { failures: 5000, areOthersStored: false }, 'resend'],
    ['one that others pass by is given up', full, { failures: MAX_REFUSALS, areOthersStored: true }, 'discard'],
    ['also when it is never answered', null, { failures: MAX_REFUSALS, areOthersStored: true }, 'discard'],
  ])('%s', (_, ack, history, action) => {
    expect(decideDelivery(ack, history)).toMatchObject({ action });
  });
});
