import { z } from 'zod';

/** Identifiers of stored things; UUID of any version, in lower case. */
export const entityId = z.uuid('is not an identifier (UUID)').toLowerCase();

/** Docker's own rule for container names (moby: `RestrictedNameChars`), without the leading slash. */
export const containerName = z
  .string()
  .trim()
  .max(255, 'must have at most 255 characters')
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'is not a container name; it has letters, digits, _ . and - only');

/** SHA-256 of a desired state's canonical JSON, in hex. */
export const contentRevision = z.string().regex(/^[0-9a-f]{64}$/, 'is not a revision (64 hex digits)');

/** Semantic version of a Flotilla program. */
export const programVersion = z
  .string()
  .max(64)
  .regex(/^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/, 'is not a version such as 1.2.3');

/** UTC instant in ISO 8601, as it travels. */
export const instant = z.iso.datetime({ offset: true, error: 'is not an ISO 8601 time' });

/** Public half of a NATS user key pair (nkeys: `U` and 55 characters of base32). */
export const natsUserPublicKey = z.string().regex(/^U[A-Z2-7]{55}$/, 'is not a NATS user public key');
