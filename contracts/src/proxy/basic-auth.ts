import { z } from 'zod';
import { singleLine } from '../values/text.ts';

/** RFC 7617 §2: a user-id has no colon. */
const userName = singleLine(64).regex(/^[A-Za-z0-9._@+-]+$/, 'has letters, digits and . _ @ + - only');
const realm = singleLine(80).regex(/^[^"\\$]*$/, 'must not contain " \\ or $');

/** As typed; a user without a password keeps the stored one. */
export const basicAuthInput = z.strictObject({
  realm: realm.default('Restricted'),
  users: z
    .array(z.strictObject({ username: userName, password: z.string().min(8).max(256).optional() }))
    .min(1, 'needs at least one user')
    .max(100),
});

/** As shown: passwords never come back. */
export const basicAuthView = z.strictObject({
  realm,
  users: z.array(z.strictObject({ username: userName })),
});

/** As the agent gets it. `{SSHA}` is the salted form that every nginx build can check without blocking. */
export const basicAuthHashed = z.object({
  realm,
  users: z
    .array(z.object({ username: userName, passwordHash: z.string().regex(/^\{SSHA\}[A-Za-z0-9+/]{24,80}={0,2}$/) }))
    .min(1)
    .max(100),
});
export type BasicAuthInput = z.infer<typeof basicAuthInput>;
export type BasicAuthHashed = z.infer<typeof basicAuthHashed>;
