import type { ServiceInputDraft, ServiceSettings } from '@flotilla/contracts';

type Firewall = ServiceSettings['firewall'];
/** As `v-model.number` gives it: an emptied field is an empty text. */
type Typed = number | '';

interface LimitForm {
  isOn: boolean;
  requestsPerSecond: Typed;
  burst: Typed;
}

export interface FirewallForm {
  banAnswer: Firewall['banAnswer'];
  requestLimit: LimitForm;
  /** Empty for no limit. */
  connectionLimit: Typed;
  banAbove: LimitForm;
}

/** The defaults of the contracts; what is off has a number to begin with. */
export function emptyFirewall(): FirewallForm {
  return {
    banAnswer: 'forbidden',
    requestLimit: { isOn: false, requestsPerSecond: 50, burst: 100 },
    connectionLimit: '',
    banAbove: { isOn: true, requestsPerSecond: 100, burst: 200 },
  };
}

export function readFirewall({ banAnswer, requestLimit, connectionLimit, banAbove }: Firewall): FirewallForm {
  const empty = emptyFirewall();
  return {
    banAnswer,
    requestLimit: requestLimit === null ? empty.requestLimit : { isOn: true, ...requestLimit },
    connectionLimit: connectionLimit ?? '',
    banAbove: banAbove === null ? { ...empty.banAbove, isOn: false } : { isOn: true, ...banAbove },
  };
}

/** What the form sends. The Core checks it and names what is wrong. */
export function writeFirewall(form: FirewallForm): NonNullable<ServiceInputDraft['firewall']> {
  return {
    banAnswer: form.banAnswer,
    requestLimit: writeLimit(form.requestLimit),
    connectionLimit: form.connectionLimit === '' ? null : form.connectionLimit,
    banAbove: writeLimit(form.banAbove),
  };
}

/** An emptied field travels as null and is refused by name. */
function writeLimit({ isOn, requestsPerSecond, burst }: LimitForm) {
  if (!isOn) return null;
  const numberOf = (typed: Typed): number => (typed === '' ? Number.NaN : typed);
  return { requestsPerSecond: numberOf(requestsPerSecond), burst: numberOf(burst) };
}
