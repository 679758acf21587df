/**
 * Finds one item whose presence makes the whole fail, by halving: for words of nginx that name no file.
 * @param suspects a part of `all`; the rest is known to be good
 * @returns nothing when the rest fails by itself, or when there is no suspect
 */
export async function isolateCulprit<Item>(
  all: readonly Item[],
  suspects: readonly Item[],
  isRefused: (items: readonly Item[]) => Promise<boolean>,
): Promise<Item[]> {
  let suspected = [...suspects];
  let trusted = all.filter((item) => !suspects.includes(item));
  if (suspected.length === 0 || (await isRefused(trusted))) return [];
  while (suspected.length > 1) {
    const half = suspected.slice(0, Math.ceil(suspected.length / 2));
    if (await isRefused([...trusted, ...half])) {
      suspected = half;
    } else {
      trusted = [...trusted, ...half];
      suspected = suspected.slice(half.length);
    }
  }
  return suspected;
}
