import { useI18n } from 'vue-i18n';

/** A shipped rule has a name in each language, an operator's own the one that it was given. */
export function useRuleName(): (id: string, given: string) => string {
  const { t, te } = useI18n();
  return (id, given) => (te(`waf.ruleNames.${id}`) ? t(`waf.ruleNames.${id}`) : given);
}
