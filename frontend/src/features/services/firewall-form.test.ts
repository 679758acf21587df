import { describe, expect, it } from 'vitest';
import { emptyFirewall, readFirewall, writeFirewall } from './firewall-form.ts';

const settings = {
  banAnswer: 'close',
  requestLimit: { requestsPerSecond: 5, burst: 0 },
  connectionLimit: 20,
  banAbove: null,
} as const;

describe('the firewall of a service', () => {
  it('is sent as it was read', () => {
    expect(writeFirewall(readFirewall(settings))).toEqual(settings);
  });

  it('is the contracts’ default in a new form', () => {
    expect(writeFirewall(emptyFirewall())).toEqual({
      banAnswer: 'forbidden',
      requestLimit: null,
      connectionLimit: null,
      banAbove: { requestsPerSecond: 100, burst: 200 },
    });
  });

  it('has an emptied number refused, not taken for 0', () => {
    const form = emptyFirewall();
    form.banAbove.burst = '';
    expect(writeFirewall(form).banAbove?.burst).toBeNaN();
  });
});
