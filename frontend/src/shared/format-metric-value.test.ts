import type { MetricUnit } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { formatMetricValue } from './format-metric-value.ts';

describe('formatMetricValue', () => {
  it.each<[number | null, MetricUnit, string, string]>([
    [null, 'percent', '—', '—'],
    [0, 'percent', '0%', '0 %'],
    [1.234, 'percent', '1.2%', '1,2 %'],
    [99.6, 'percent', '100%', '100 %'],
    [250, 'percent', '250%', '250 %'],
    [0, 'bytes', '0 byte', '0 Б'],
    [1023, 'bytes', '1,020 byte', '1 020 Б'],
    [1024, 'bytes', '1 kB', '1 кБ'],
    [1_568_000_000, 'bytes', '1.46 GB', '1,46 ГБ'],
    [2 ** 60, 'bytes', '1,020 PB', '1 020 ПБ'],
    [2048, 'bytesPerSecond', '2 kB/s', '2 кБ/с'],
    [12.34, 'perSecond', '12.3/s', '12,3/с'],
    [90, 'seconds', '90 sec', '90 с'],
    [7200, 'seconds', '2 hr', '2 ч'],
    [200_000, 'seconds', '2 days', '2 дн.'],
    [1234, 'milliseconds', '1,230 ms', '1 230 мс'],
    [45_000, 'milliseconds', '45 sec', '45 с'],
    [3_600_000, 'milliseconds', '60 min', '60 мин'],
    [0.25, 'ratio', '0.25', '0,25'],
    [41.5, 'celsius', '41.5°C', '41,5 °C'],
  ])('says %j %s', (value, unit, english, russian) => {
    const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');
    expect(plain(formatMetricValue(value, unit, 'en'))).toBe(english);
    expect(plain(formatMetricValue(value, unit, 'ru'))).toBe(russian);
  });
});
