/** Of the names, those that are wanted, in the same order. */
export type ChooseNames = (names: readonly string[]) => readonly string[];
