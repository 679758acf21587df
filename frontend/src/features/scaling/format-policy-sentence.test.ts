import type { ScalingPolicyDraft } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { createTranslations, type Locale } from '../../i18n/create-i18n.ts';
import { formatPolicySentence } from './format-policy-sentence.ts';
import { buildPolicy } from './testing/build-scaling.ts';
import { readWords } from './words.ts';

const say = (change: Partial<ScalingPolicyDraft>, locale: Locale): string =>
  formatPolicySentence(buildPolicy(change), readWords(createTranslations(locale).global)).replaceAll(
    /[\u00a0\u202f]/g,
    ' ',
  );

const quick = { steps: [], tolerance: 0 };
const plain = { scaleUp: quick, scaleDown: { ...quick, stabilizationMs: 0 } };
const cpu = { kind: 'value', metric: { kind: 'cpu' }, value: 0.6 } as const;
const UP_DOWN = [
  'More at once; in one step. Fewer at once; in one step.',
  'Рост — сразу; одним шагом. Уменьшение — сразу; одним шагом.',
];
const CPU = ['As many as it takes for CPU of about 60%.', 'Столько, чтобы держалось: CPU — около 60 %.'];

describe('a policy in words', () => {
  it.each<[string, Partial<ScalingPolicyDraft>, string, string]>([
    [
      'the defaults',
      {},
      'From 1 to 10 replicas. As many as it takes for CPU of about 60%. More at once; at most 100% in 15 seconds or 4 replicas in 15 seconds, whichever is more. Fewer once the load has asked for it for 5 minutes; at most 100% in 15 seconds. A load within 10% of its target changes nothing.',
      'Реплик от 1 до 10. Столько, чтобы держалось: CPU — около 60 %. Рост — сразу; не больше чем на 100 % за 15 с или 4 реплики за 15 с, смотря что больше. Уменьшение — когда нагрузка требует его уже 5 мин; не больше чем на 100 % за 15 с. Отклонение от цели до 10 % ничего не меняет.',
    ],
    [
      'one number only',
      { ...plain, minReplicas: 1, maxReplicas: 1 },
      `Always 1 replica. ${CPU[0]} ${UP_DOWN[0]}`,
      `Всегда 1 реплика. ${CPU[1]} ${UP_DOWN[1]}`,
    ],
    [
      'several targets, one custom',
      {
        ...plain,
        targets: [
          cpu,
          { kind: 'value', metric: { kind: 'latency_p95' }, value: 500 },
          { kind: 'value', metric: { kind: 'custom', name: 'queue.depth' }, value: 12.5 },
        ],
      },
      `From 1 to 10 replicas. As many as it takes for CPU of about 60%, latency (p95) of about 500 ms, and queue.depth of about 12.5. The one that asks for the most replicas decides. ${UP_DOWN[0]}`,
      `Реплик от 1 до 10. Столько, чтобы держалось: CPU — около 60 %, задержка (p95) — около 500 мс и queue.depth — около 12,5. Решает то, что требует больше всего реплик. ${UP_DOWN[1]}`,
    ],
    [
      'thresholds, which have no tolerance',
      {
        scaleUp: { steps: [], cooldownMs: 120_000 },
        scaleDown: { isDisabled: true },
        targets: [
          {
            kind: 'threshold',
            metric: { kind: 'requests_per_second' },
            comparison: 'above',
            value: 50,
            forMs: 90_000,
            change: { by: 2, unit: 'replicas' },
          },
          {
            kind: 'threshold',
            metric: { kind: 'memory' },
            comparison: 'below',
            value: 0.3,
            forMs: 0,
            change: { by: 50, unit: 'percent' },
          },
        ],
      },
      'From 1 to 10 replicas. Requests per second per replica above 50/s for 90 seconds: 2 replicas more. Memory below 30%: 50% fewer at once. The one that asks for the most replicas decides. More at once; in one step; then nothing in this direction for 2 minutes. Never fewer by itself.',
      'Реплик от 1 до 10. Запросов в секунду на реплику выше 50/с в течение 90 с: прибавить 2 реплики. Память ниже 30 %: сразу убавить 50 %. Решает то, что требует больше всего реплик. Рост — сразу; одним шагом; затем 2 мин без изменений в эту сторону. Само число не уменьшается.',
    ],
    [
      'two tolerances and a step',
      {
        scaleUp: { steps: [{ by: 1, unit: 'replicas', periodMs: 60_000 }], tolerance: 0.05 },
        scaleDown: { ...quick, stabilizationMs: 0, tolerance: 0.2 },
      },
      `From 1 to 10 replicas. ${CPU[0]} More at once; at most 1 replica in 1 minute. Fewer at once; in one step. A load up to 5% above or 20% below its target changes nothing.`,
      `Реплик от 1 до 10. ${CPU[1]} Рост — сразу; не больше чем на 1 реплику за 1 мин. Уменьшение — сразу; одним шагом. Нагрузка до 5 % выше цели или до 20 % ниже неё ничего не меняет.`,
    ],
    [
      'schedules, room, and a trial run that is paused',
      {
        ...plain,
        isPaused: true,
        isDryRun: true,
        cpuReservation: 0.5,
        memoryReservationBytes: 256 * 2 ** 20,
        schedules: [
          {
            name: 'Office hours',
            cron: '0 8 * * 1-5',
            timeZone: 'Europe/Berlin',
            durationMs: 36_000_000,
            minReplicas: 4,
            maxReplicas: 20,
          },
        ],
      },
      `Paused: none of this happens until it goes on. Trial run: decisions are recorded, the number stays. From 1 to 10 replicas. ${CPU[0]} ${UP_DOWN[0]} “Office hours” (0 8 * * 1-5, Europe/Berlin, for 10 hours): from 4 to 20. Only as many as the nodes have room for, at 0.5 cores and 256 MB of memory each.`,
      `Приостановлено: пока не продолжено, ничего из этого не происходит. Пробный режим: решения записываются, число не меняется. Реплик от 1 до 10. ${CPU[1]} ${UP_DOWN[1]} «Office hours» (0 8 * * 1-5, Europe/Berlin, в течение 10 ч): от 4 до 20. Только сколько помещается на узлах: 0,5 ядра и 256 МБ памяти на каждую.`,
    ],
  ])('says %s', (_, change, english, russian) => {
    expect(say(change, 'en')).toBe(english);
    expect(say(change, 'ru')).toBe(russian);
  });
});
