import { busAccess } from '@flotilla/contracts';
import { createUser } from '@nats-io/nkeys';
import { z } from 'zod';

/** How this agent reaches the bus, with the private half of its key, which never leaves this host. */
export const busCredentials = busAccess.extend({ seed: z.string().min(1) });
export type BusCredentials = z.infer<typeof busCredentials>;

/** A new NATS user key pair. */
export function createBusKeyPair(): { readonly publicKey: string; readonly seed: string } {
  const pair = createUser();
  const seed = new TextDecoder().decode(pair.getSeed());
  return { publicKey: pair.getPublicKey(), seed };
}
