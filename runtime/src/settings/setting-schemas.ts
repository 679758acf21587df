import { z } from 'zod';

/** What `loadSettings` reads from a field's `.meta()`. */
export interface SettingMeta {
  /** Name in the environment when it is not made from the field's name. */
  readonly env?: string;
  /** Its value is never printed, and NAME_FILE may name a file that holds it. */
  readonly secret?: boolean;
  /** The accepted form, in words, for the error message. */
  readonly accepted?: string;
}

/** A whole number written in decimal. `unit` is for the message only. */
export function integerSetting(min: number, max: number, unit = '') {
  const accepted = `a whole number from ${min} to ${max}${unit && ` ${unit}`}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `is below ${min}`).max(max, `is above ${max}`))
    .meta({ accepted });
}

/** A TCP port; with `allowZero`, 0 lets the system choose one. */
export function portSetting({ allowZero = false } = {}) {
  return integerSetting(allowZero ? 0 : 1, 65_535);
}

export function booleanSetting() {
  return z
    .enum(['true', 'false', '1', '0'], 'is neither true nor false')
    .transform((value) => value === 'true' || value === '1')
    .meta({ accepted: 'true or false' });
}

/**
 * An absolute URL with one of the given schemes (without the colon), without a trailing slash.
 * @param schemes for instance `['http', 'https']`
 */
export function urlSetting(schemes: readonly string[]) {
  return z
    .string()
    .refine((value) => isUrl(value, schemes), 'is not such a URL')
    .transform((value) => value.replace(/\/+$/, ''))
    .meta({ accepted: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}` });
}

/** A comma separated list; white space around an item is dropped, an empty item is an error. */
export function listSetting<Item extends z.ZodType<unknown, string>>(item: Item, accepted: string) {
  return z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(item).min(1))
    .meta({ accepted });
}

/** A text that must not be printed: password, key, token, URL with a password. */
export function secretSetting(accepted: string) {
  return z.string().meta({ secret: true, accepted });
}

export const logLevelSetting = z
  .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'is not a level')
  .default('info')
  .meta({ accepted: 'trace, debug, info, warn, error or fatal' });

function isUrl(value: string, schemes: readonly string[]): boolean {
  const url = URL.parse(value);
  return url !== null && url.host !== '' && schemes.includes(url.protocol.slice(0, -1));
}
