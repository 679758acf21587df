const rules = new Intl.PluralRules('ru');

/**
 * Which of `один | два | пять` a Russian count takes (CLDR: one, few, many); texts have these three forms.
 * @returns the form's place, from 0
 */
export function chooseRussianPlural(count: number): number {
  const form = rules.select(count);
  return form === 'one' ? 0 : form === 'few' ? 1 : 2;
}
