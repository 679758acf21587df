import { scalingLimitKind, type ScalingDecision } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { createTranslations, type Locale } from '../../i18n/create-i18n.ts';
import { planDecision } from './plan-decision.ts';
import { buildDecision } from './testing/build-scaling.ts';
import { readWords } from './words.ts';

const plan = (change: Partial<ScalingDecision>, locale: Locale = 'en') =>
  planDecision(buildDecision(change), readWords(createTranslations(locale).global));
const cpu = buildDecision().targets[0];

describe('a decision in words', () => {
  it.each<[Partial<ScalingDecision>, string, string]>([
    [{}, 'From 2 to 3 replicas', 'Реплик: было 2, стало 3'],
    [{ outcome: 'held', to: 2, from: 4 }, 'Stayed at 4 instead of 2', 'Осталось 4 вместо 2'],
    [{ outcome: 'dry_run' }, 'Trial run: would have gone from 2 to 3', 'Пробный режим: было бы 3 вместо 2'],
    [
      { outcome: 'manual', decidedBy: 'ann@example.com' },
      'ann@example.com set 3 (was 2)',
      'ann@example.com: задано 3 (было 2)',
    ],
  ])('%j', (change, english, russian) => {
    expect(plan(change).headline).toBe(english);
    expect(plan(change, 'ru').headline).toBe(russian);
  });

  it('says what the load was, what it asked for, and what stood against it last', () => {
    const limits = [
      { kind: 'step', from: 9, to: 6 },
      { kind: 'maximum', from: 6, to: 3 },
    ] as const;
    expect(plan({ wanted: 9, limits: [...limits] })).toMatchObject({
      reason: 'CPU was 85% with a target of 60%: this asks for 9. Not above the maximum.',
      limits: [
        { change: '9 → 6', text: 'More than one step allows.' },
        { change: '6 → 3', text: 'Not above the maximum.' },
      ],
    });
  });

  it.each<[string, Partial<ScalingDecision['targets'][number]>, number | null, object]>([
    ['the one that decided', {}, 0, { fate: 'Decided', isDecisive: true, desired: '3' }],
    ['one that asked for less', {}, 1, { fate: 'Another target asked for more', isDecisive: false }],
    [
      'one that could not be read: unknown, not 0',
      { current: null, desired: null },
      null,
      { current: 'unknown', desired: '—', fate: 'Could not be read: it prevents fewer replicas, not more' },
    ],
    [
      'a threshold that was not reached',
      { kind: 'threshold', desired: null },
      null,
      { desired: '—', fate: 'Threshold not reached' },
    ],
    ['replicas without figures', { missing: 2 }, 0, { fate: 'Decided (2 replicas told no figure)' }],
  ])('shows %s', (_, change, decisiveTarget, expected) => {
    const targets = [{ ...cpu, ...change }] as ScalingDecision['targets'];
    expect(plan({ targets, decisiveTarget }).readings[0]).toMatchObject(expected);
  });

  it('knows what to say of every limit', () => {
    const limits = scalingLimitKind.options.map((kind) => ({ kind, from: 1, to: 1 }));
    const said = plan({ limits }, 'ru').limits.map(({ text }) => text);
    expect(said.filter((text) => text.startsWith('scaling.'))).toEqual([]);
    expect(new Set(said).size).toBe(limits.length);
  });

  it('does not blame the load for what a person did', () => {
    expect(plan({ outcome: 'manual', wanted: null, targets: [], decisiveTarget: null }).reason).toBe(
      'The number was set by hand.',
    );
  });
});
