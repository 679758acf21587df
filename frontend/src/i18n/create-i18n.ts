import { createI18n } from 'vue-i18n';
import { chooseRussianPlural } from './choose-plural.ts';
import en from './en.ts';
import ru from './ru.ts';

export const LOCALES = ['en', 'ru'] as const;
export type Locale = (typeof LOCALES)[number];

const STORED_LOCALE = 'flotilla.locale';

/** The language that was chosen earlier, else the browser's when it is one of ours, else English. */
function readPreferredLocale(): Locale {
  const wanted = [localStorage.getItem(STORED_LOCALE), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return LOCALES.find((locale) => locale === wanted.find((tag) => LOCALES.some((known) => known === tag))) ?? 'en';
}

/** Keeps the choice for the next visit, and tells screen readers how to pronounce the page. */
export function writePreferredLocale(locale: Locale): void {
  localStorage.setItem(STORED_LOCALE, locale);
  document.documentElement.lang = locale;
}

export function createTranslations(locale: Locale = readPreferredLocale()) {
  document.documentElement.lang = locale;
  return createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'en',
    messages: { en, ru },
    pluralRules: { ru: chooseRussianPlural },
  });
}
