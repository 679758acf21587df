import { describe, expect, it } from 'vitest';
import en from './en.ts';

const sources = Object.entries(
  import.meta.glob<string>(['../**/*.{vue,ts}', '!../**/*.test.ts', '!../**/*.{en,ru}.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);
type Tree = { readonly [key: string]: string | Tree };

function listKeys(tree: Tree, path = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${path}${key}`] : listKeys(value, `${path}${key}.`),
  );
}

/** Keys as they stand in the code: `'app.menu'`, or a pattern for `` `tasks.states.${state}` ``. */
function listUses(source: string): RegExp[] {
  const areas = Object.keys(en).join('|');
  const quoted = source.matchAll(new RegExp(`(['"\`])((?:${areas})\\.[^'"\`\\n]*(?:\\['\\$\\{[^}]*\\}'\\])?)\\1`, 'g'));
  return [...quoted].map(([, , text = '']) => {
    const pattern = text
      .split(/\[?'?\$\{[^}]*\}'?\]?/)
      .map((part) => part.replaceAll('.', String.raw`\.`))
      .join('.+');
    return new RegExp(`^${pattern}$`);
  });
}

describe('messages', () => {
  const keys = listKeys(en);
  const uses = sources.flatMap(([file, source]) => listUses(source).map((pattern) => ({ file, pattern })));

  it('are all used', () => {
    expect(keys.filter((key) => !uses.some(({ pattern }) => pattern.test(key)))).toEqual([]);
  });

  it('are there for every use', () => {
    const missing = uses.filter(({ pattern }) => !keys.some((key) => pattern.test(key)));
    expect(missing.map(({ file, pattern }) => `${file}: ${pattern.source}`)).toEqual([]);
  });

  it('would be missed: an invented key is neither used nor there', () => {
    expect(uses.some(({ pattern }) => pattern.test('app.invented'))).toBe(false);
    expect(listUses("t('app.invented')").some((pattern) => keys.some((key) => pattern.test(key)))).toBe(false);
  });
});
