import { expect, it } from 'vitest';
import { decideConfigurationState } from './decide-configuration-state.ts';

const fresh = { desiredRevision: null, appliedRevision: null, rejectedRevision: null, rejectedServices: 0 };

it.each([
  ['none', fresh],
  ['applying', { ...fresh, desiredRevision: 'b', appliedRevision: 'a' }],
  ['applying', { ...fresh, desiredRevision: 'b', rejectedRevision: 'a' }],
  ['applied', { ...fresh, desiredRevision: 'b', appliedRevision: 'b' }],
  ['rejected', { ...fresh, desiredRevision: 'b', appliedRevision: 'a', rejectedRevision: 'b' }],
  ['rejected', { ...fresh, desiredRevision: 'b', appliedRevision: 'b', rejectedServices: 1 }],
])('%s: %j', (state, agent) => expect(decideConfigurationState(agent)).toBe(state));
