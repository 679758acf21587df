const USER_JWT = /-{3,}BEGIN NATS USER JWT-{3,}\s+(\S+)\s+-{3,}END NATS USER JWT-{3,}/;
const USER_SEED = /-{3,}BEGIN USER NKEY SEED-{3,}\s+(\S+)\s+-{3,}END USER NKEY SEED-{3,}/;

/**
 * The user JWT and seed of a `.creds` file. The client library's own reader fails at connection time, which looks like a
 * server that is away, and wants a line break at the end.
 * @throws when either is missing
 */
export function parseCreds(text: string): { readonly jwt: string; readonly seed: string } {
  const jwt = USER_JWT.exec(text)?.[1];
  const seed = USER_SEED.exec(text)?.[1];
  if (jwt === undefined || seed === undefined) throw new Error('these are no NATS credentials: no user JWT or no seed');
  return { jwt, seed };
}
