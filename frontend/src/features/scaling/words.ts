import { useI18n } from 'vue-i18n';

/** The reader's language, for pure functions that make sentences. */
export interface Words {
  /** @param count chooses the form of the noun, where a text has forms */
  readonly t: (key: string, values?: Record<string, string | number>, count?: number) => string;
  readonly locale: string;
}

interface Translations {
  t(this: void, key: string, values: Record<string, unknown>): string;
  t(this: void, key: string, values: Record<string, unknown>, count: number): string;
  readonly locale: { readonly value: string };
}

/** Words of an application's translations. */
export function readWords({ t, locale }: Translations): Words {
  return {
    t: (key, values = {}, count) => (count === undefined ? t(key, values) : t(key, values, count)),
    // Read each time, so that a page that speaks another language is written again.
    get locale() {
      return locale.value;
    },
  };
}

export function useWords(): Words {
  return readWords(useI18n());
}
