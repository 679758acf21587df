import { z } from 'zod';
import { durationMs } from '../values/duration.ts';
import { imageReference } from '../values/image-reference.ts';
import { singleLine } from '../values/text.ts';
import { urlPath } from '../values/url-path.ts';

const MEBIBYTE = 2 ** 20;

/** What a container's environment and labels may be called; Docker takes anything, shells do not (POSIX, 8.1). */
const variableName = z
  .string()
  .max(128)
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is not a variable name; it has letters, digits and _ only');
/** Docker hands it over as it is; only NUL cannot be in it (execve(2)). */
const variableValue = z
  .string()
  .max(32_768, 'must have at most 32,768 characters')
  // eslint-disable-next-line no-control-regex -- naming the control character is the point
  .regex(/^[^\u0000]*$/, 'must not contain NUL')
  .refine((text) => text.isWellFormed(), 'must not contain broken characters');

/** Refuses two entries of a list that have the same text under a key. */
function refuseTwice(key: string) {
  return (entries: readonly unknown[], context: z.RefinementCtx): void => {
    const texts = entries.map((entry): unknown =>
      typeof entry === 'object' && entry !== null ? Reflect.get(entry, key) : null,
    );
    texts.forEach((text, index) => {
      if (typeof text !== 'string' || texts.indexOf(text) === index) return;
      context.addIssue({ code: 'custom', path: [index, key], message: `is there twice: ${text}` });
    });
  };
}

const argumentList = z.array(variableValue).min(1, 'needs at least one word').max(100);

/** Labels that begin so are the agent's own. */
export const OWN_LABEL_PREFIX = 'flotilla.replica.';
const labelName = z
  .string()
  .max(255)
  .regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9._/-]*[a-zA-Z0-9])?$/, 'is not a label’s name')
  .refine((name) => !name.startsWith(OWN_LABEL_PREFIX), `must not begin with ${OWN_LABEL_PREFIX}`);

const absolutePath = z
  .string()
  .trim()
  .max(1024)
  .regex(/^\/[^:\p{Cc}]*$/u, 'must begin with / and have no colon')
  .refine((path) => !path.split('/').includes('..'), 'must not have .. in it');

/** Docker's rule for the names of volumes and networks (moby: `RestrictedNameChars`). */
const dockerName = z
  .string()
  .trim()
  .max(128)
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'has letters, digits, _ . and - only');

export const volumeMount = z.strictObject({
  /** A volume's name, or an absolute path of the host. */
  source: z.union([dockerName, absolutePath], 'is neither a volume’s name nor an absolute path'),
  target: absolutePath.refine((path) => path !== '/', 'must not be the root'),
  readOnly: z.boolean().default(false),
});

/**
 * How a replica shows that it can take requests. `image`: by its image's own HEALTHCHECK, and when it has none by its port.
 * `http`: by answering a request with 2xx or 3xx. `port`: by accepting a connection.
 */
export const healthCheck = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('image') }),
  z.strictObject({ kind: z.literal('port') }),
  z.strictObject({ kind: z.literal('http'), path: urlPath.default('/') }),
]);
export type HealthCheckSettings = z.infer<typeof healthCheck>;

const signal = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^SIG[A-Z0-9]{2,10}$/, 'is not a signal such as SIGTERM');

/** An image's words stay in force where null stands. */
const containerShape = {
  image: imageReference,
  /** When the image is asked for again: `missing` only when the host does not have it, `always` at each new revision. */
  pull: z.enum(['missing', 'always']).default('missing'),
  entrypoint: argumentList.nullable().default(null),
  command: argumentList.nullable().default(null),
  /** A name or number, and a group if need be: `app`, `1000:1000`. */
  user: z
    .string()
    .trim()
    .max(128)
    .regex(/^[a-zA-Z0-9_][a-zA-Z0-9_.-]*(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]*)?$/, 'is not a user such as app or 1000:1000')
    .nullable()
    .default(null),
  workingDirectory: absolutePath.nullable().default(null),
  volumes: z.array(volumeMount).max(50).default([]).superRefine(refuseTwice('target')),
  /** The network that nginx reaches it on; null for Docker's default. */
  network: dockerName.nullable().default(null),
  /** Of a core: 0.5 is half of one. Null for no limit. */
  cpuLimit: z.number().min(0.01).max(1024).nullable().default(null),
  memoryLimitBytes: z
    .number()
    .int()
    .min(6 * MEBIBYTE, 'must be at least 6 MiB, Docker’s own least')
    .max(2 ** 50)
    .nullable()
    .default(null),
  labels: z
    .array(z.strictObject({ name: labelName, value: singleLine(4096, 0) }))
    .max(100)
    .default([])
    .superRefine(refuseTwice('name')),
  stopSignal: signal.nullable().default(null),
  /** Time between the signal and SIGKILL. */
  stopGraceMs: durationMs(0, 600_000).default(10_000),
  health: healthCheck.default({ kind: 'image' }),
};

const MAX_VARIABLES = 200;
const registryUser = { username: singleLine(255) };
const password = variableValue.min(1, 'must not be empty');

/** Builds a specification with the given form of its secrets. */
function defineContainer<Variable extends z.ZodType, Registry extends z.ZodType>(
  variable: Variable,
  registry: Registry,
) {
  return z.strictObject({
    ...containerShape,
    environment: z
      .array(variable)
      .max(MAX_VARIABLES, `must have at most ${MAX_VARIABLES} variables`)
      .default([])
      .superRefine(refuseTwice('name')),
    /** Who pulls the image; null for nobody. */
    registry: registry.nullable().default(null),
  });
}

/** As typed: a secret without a value keeps the stored one. */
export const containerInput = defineContainer(
  z.strictObject({ name: variableName, value: variableValue.optional(), isSecret: z.boolean().default(false) }),
  z.strictObject({ ...registryUser, password: password.optional() }),
);
/** As shown: secrets never come back. */
export const containerView = defineContainer(
  z.strictObject({ name: variableName, value: variableValue.optional(), isSecret: z.boolean() }),
  z.strictObject(registryUser),
);
/** As stored (secrets sealed) and as the agent gets it (opened). */
export const containerSpec = defineContainer(
  z.strictObject({ name: variableName, value: z.string(), isSecret: z.boolean() }),
  z.strictObject({ ...registryUser, password: z.string() }),
);
/**
 * As a node has read it of a container that it runs: the image is null when it has no name, and which values are secrets nobody
 * knows. Unknown fields are dropped, so that a newer agent can say more.
 */
export const containerReading = z.object({
  ...containerShape,
  image: imageReference.nullable(),
  environment: z.array(z.object({ name: variableName, value: variableValue })).max(MAX_VARIABLES),
});
export type ContainerInput = z.infer<typeof containerInput>;
export type ContainerReading = z.infer<typeof containerReading>;
export type ContainerSpec = z.infer<typeof containerSpec>;
