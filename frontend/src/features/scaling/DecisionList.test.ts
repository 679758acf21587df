import { describe, expect, it } from 'vitest';
import { renderText } from '../../shared/testing/render.ts';
import DecisionList from './DecisionList.vue';
import { buildDecision } from './testing/build-scaling.ts';

const decision = buildDecision({ limits: [{ kind: 'step', from: 6, to: 3 }], wanted: 6 });
const show = (modelValue: typeof decision | null, decisions = [decision]) =>
  renderText(DecisionList, { decisions, hasMore: false, modelValue });

describe('the decisions', () => {
  it('say what was done and why, and fold what they were made of', () => {
    const text = show(null);
    expect(text).toContain('From 2 to 3 replicas');
    expect(text).toContain('CPU was 85% with a target of 60%: this asks for 6.');
    expect(text).not.toContain('What was seen');
  });

  it('show inputs, reason and what was rejected of the one that was chosen', () => {
    const text = show(decision);
    expect(text).toContain('Measured 85% Target 60% Asks for 3 What became of it Decided');
    expect(text).toContain('6 → 3 More than one step allows.');
  });

  it('keep the chosen one readable when it is not in the list any more', () => {
    expect(show(decision, [])).toContain('6 → 3');
  });

  it('say that there were none', () => {
    expect(show(null, [])).toContain('Nothing was decided in this time.');
  });
});
