import { newId, revokeBusKey } from '@flotilla/core-db';
import { createTestDatabase, type TestDatabase } from '@flotilla/core-db/testing';
import { createLogger } from '@flotilla/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BusAdmission } from './bus-admission.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());
beforeEach(() => test.session.query('truncate revoked_bus_keys'));

/** A process of core-api, and what the bus heard from it; the bus is away for the first `failures` pushes. */
function buildAdmission(pushes: string[][], failures = 0) {
  let left = failures;
  return new BusAdmission({
    inTransaction: test.inTransaction,
    log: createLogger({ name: 'test', level: 'fatal' }),
    busUrls: ['nats://core.example:4222'],
    sign: ({ agentId }) => Promise.resolve(`jwt of ${agentId}`),
    pushRevocations: async (revoked) => {
      await new Promise(setImmediate);
      if (left-- > 0) throw new Error('not connected to the bus');
      pushes.push(revoked.map(({ publicKey }) => publicKey).toSorted());
    },
  });
}
const revoke = (publicKey: string) => revokeBusKey(test.session, newId(), publicKey);

describe('revocations', () => {
  it('reach the bus at the start and after each change, whole', async () => {
    const pushes: string[][] = [];
    const admission = buildAdmission(pushes);
    await admission.catchUp();
    await admission.catchUp();
    await revoke('UA');
    await admission.revokeStored();
    await revoke('UB');
    await admission.revokeStored();
    expect(pushes).toEqual([[], ['UA'], ['UA', 'UB']]);
  });

  it('wait for a bus that is away, and fail nobody meanwhile', async () => {
    const pushes: string[][] = [];
    const admission = buildAdmission(pushes, 2);
    await revoke('UA');
    await admission.revokeStored();
    await expect(admission.catchUp()).rejects.toThrow('not connected');
    await admission.catchUp();
    await admission.catchUp();
    expect(pushes).toEqual([['UA']]);
  });

  it('of many processes at once leave the whole list on the bus', async () => {
    const pushes: string[][] = [];
    const keys = Array.from({ length: 10 }, (_, index) => `U${index}`);
    await Promise.all(
      keys.map(async (key) => {
        await revoke(key);
        await buildAdmission(pushes).revokeStored();
      }),
    );
    expect(pushes.at(-1)).toEqual(keys);
    const sizes = pushes.map((pushed) => pushed.length);
    expect(sizes).toEqual(sizes.toSorted((left, right) => left - right));
  });
});

it('admits no key that was revoked', async () => {
  const admission = buildAdmission([]);
  await revoke('UA');
  await expect(admission.admit(test.session, 'agent', 'UA')).rejects.toMatchObject({
    status: 400,
    errors: [{ field: 'busPublicKey' }],
  });
  expect(await admission.admit(test.session, 'agent', 'UB')).toMatchObject({ jwt: 'jwt of agent' });
});
