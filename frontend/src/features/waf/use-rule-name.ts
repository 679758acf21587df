import { useI18n } from 'vue-i18n';

/** A shipped rule has a name in each language, an operator's own the one that it was given. */
export function useRuleName(): (id: string, given: string) => string {
  const i18n = useI18n();
  return (id, given) => (i18n.te(`waf.ruleNames.${id}`) ? i18n.t(`waf.ruleNames.${id}`) : given);
}
