import {
  auditAction,
  eventKind,
  eventSubjectToken,
  replicaState,
  scalingLimitKind,
  taskType,
} from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { chooseRussianPlural } from './choose-plural.ts';
import { createTranslations } from './create-i18n.ts';
import en from './en.ts';
import ru from './ru.ts';

type Tree = { readonly [key: string]: string | Tree };

function listMessages(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : listMessages(value, `${path}${key}.`),
  );
}
const placeholders = (text: string) => [...new Set(text.match(/\{[a-zA-Z]+\}/g))].toSorted();

describe('messages', () => {
  const english = new Map(listMessages(en));
  const russian = new Map(listMessages(ru));

  it('are there in both languages', () => {
    expect([...russian.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  });

  it('take the same values in both languages', () => {
    const differing = [...english].filter(
      ([key, text]) => placeholders(text).join() !== placeholders(russian.get(key) ?? '').join(),
    );
    expect(differing).toEqual([]);
  });

  it('are all written', () => {
    expect([...english, ...russian].filter(([, text]) => text.trim() === '')).toEqual([]);
  });
});

describe('what the contracts name', () => {
  const english = new Map(listMessages(en));

  it.each<[string, readonly string[]]>([
    ['audit.actions', auditAction.options],
    ['agents.eventKinds', eventKind.options.map(eventSubjectToken)],
    ['tasks.types', taskType.options],
    ['replica.states', replicaState.options],
    ['scaling.limits', scalingLimitKind.options],
  ])('has words in %s', (path, names) => {
    expect(names.filter((name) => !english.has(`${path}.${name}`))).toEqual([]);
  });
});

describe('Russian plurals', () => {
  it.each([
    [0, 2],
    [1, 0],
    [2, 1],
    [4, 1],
    [5, 2],
    [11, 2],
    [14, 2],
    [21, 0],
    [22, 1],
    [111, 2],
    [121, 0],
  ])('%i takes form %i', (count, form) => {
    expect(chooseRussianPlural(count)).toBe(form);
  });

  it('have three forms in every message that has forms', () => {
    const wrong = listMessages(ru).filter(([, text]) => text.includes(' | ') && text.split(' | ').length !== 3);
    expect(wrong).toEqual([]);
  });

  it('are used by the messages', () => {
    const { t } = createTranslations('ru').global;
    expect([1, 3, 5, 21].map((count) => t('agents.services', count))).toEqual([
      '1 сервис',
      '3 сервиса',
      '5 сервисов',
      '21 сервис',
    ]);
  });
});
