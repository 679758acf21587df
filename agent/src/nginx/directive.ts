/** One nginx directive; with `children` it is a block. Values are what nginx shall see, before quoting. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly children?: readonly Directive[];
  /** One line above the directive, for people who read the file. */
  readonly comment?: string;
}

/** A value that must never be in an nginx file, however it came past the schemas. */
export class UnsafeValueError extends Error {
  override readonly name = 'UnsafeValueError';
  readonly value: string;

  constructor(value: string, problem: string) {
    super(`${JSON.stringify(value)} ${problem}`);
    this.value = value;
  }
}

// eslint-disable-next-line no-control-regex -- naming the control characters is the point
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** Lone surrogates would be written as U+FFFD: something other than what was meant. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** `name arg arg;` Numbers are written in full. @throws UnsafeValueError */
export function directive(name: string, ...args: (string | number)[]): Directive {
  return { name: checked(name), args: args.map((arg) => checked(String(arg))) };
}

/** `name arg { children }`. @throws UnsafeValueError */
export function block(name: string, args: readonly (string | number)[], children: readonly Directive[]): Directive {
  return { ...directive(name, ...args), children };
}

/** @throws UnsafeValueError */
export function commented(comment: string, on: Directive): Directive {
  return { ...on, comment: checked(comment) };
}

function checked(text: string): string {
  if (CONTROL_CHARACTER.test(text)) throw new UnsafeValueError(text, 'has control characters');
  if (LONE_SURROGATE.test(text)) throw new UnsafeValueError(text, 'is not valid Unicode');
  return text;
}
