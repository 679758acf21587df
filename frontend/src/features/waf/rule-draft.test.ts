import { ruleSettings, settingsOf } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { formOf, newForm, settingsOfForm } from './rule-draft.ts';

const stored = ruleSettings.parse({
  name: 'Ours',
  description: 'kept',
  match: { of: 'suspicious', classes: ['xss'], minClasses: 1, paths: ['/a/**'], statuses: ['4xx'], methods: ['GET'] },
  threshold: { bucket: { capacity: 5, leakPerSecond: 0.1 }, minShare: 0.5, windowMs: 300_000 },
  action: { kind: 'ban', durationMs: 3_600_000, reach: 'fleet' },
  escalation: { factor: 2, maxDurationMs: 7_200_000, memoryMs: 3_600_000 },
});

describe('a rule in its form', () => {
  it('is the same when nothing was changed, also in what the form does not show', () => {
    expect(ruleSettings.parse(settingsOfForm(formOf(stored), stored))).toEqual(stored);
  });

  it('that is new is one that the Core takes once it has a name', () => {
    expect(ruleSettings.safeParse(settingsOfForm({ ...newForm(), name: 'Mine' }, null)).success).toBe(true);
    expect(ruleSettings.safeParse(settingsOfForm(newForm(), null)).success).toBe(false);
  });

  it('that no longer bans has no escalation', () => {
    const settings = ruleSettings.parse(settingsOfForm({ ...formOf(stored), action: 'record' }, stored));
    expect(settings).toMatchObject({ action: { kind: 'record' }, escalation: null });
    expect(settingsOf({ ...settings, id: 'x', origin: 'own' })).toEqual(settings);
  });
});
