import { scalingDecision } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { boundCases } from './cases/bounds.ts';
import { flappingCases } from './cases/flapping-and-cooldown.ts';
import { missingFigureCases } from './cases/missing-figures.ts';
import { pauseCases } from './cases/pause-and-dry-run.ts';
import { ratioCases } from './cases/ratio.ts';
import { runawayCases } from './cases/runaway.ts';
import type { CaseStep, Expectation, ScalingCase } from './cases/scaling-case.ts';
import { scheduleCases } from './cases/schedules.ts';
import { severalNodeCases } from './cases/several-nodes.ts';
import { severalTargetCases } from './cases/several-targets.ts';
import { stabilizationCases } from './cases/stabilization.ts';
import { stepCases } from './cases/steps.ts';
import { thresholdCases } from './cases/thresholds.ts';
import { toleranceCases } from './cases/tolerance.ts';
import { unreadyCases } from './cases/unready.ts';
import { decideReplicas, type ScalingOutcome } from './decide-replicas.ts';
import { recordScale, type ScalingState } from './scaling-state.ts';
import { buildNode, buildPolicy } from './testing/build-scaling.ts';

const topics: Record<string, readonly ScalingCase[]> = {
  ratio: ratioCases,
  tolerance: toleranceCases,
  'missing figures': missingFigureCases,
  'unready replicas': unreadyCases,
  'several targets': severalTargetCases,
  stabilization: stabilizationCases,
  steps: stepCases,
  'flapping and cooldown': flappingCases,
  thresholds: thresholdCases,
  bounds: boundCases,
  schedules: scheduleCases,
  'several nodes': severalNodeCases,
  'pause and dry run': pauseCases,
  'runaway figures': runawayCases,
};

const INTERVAL_SECONDS = 5;

interface Observation {
  readonly label: string;
  readonly expected: Expectation;
  readonly outcome: ScalingOutcome;
}

/** Plays a case: samples come in, decisions are carried out and told to the state, people change numbers. */
function play({ policy: draft, replicas, steps, begins = '2026-03-02T00:00:00Z' }: ScalingCase): Observation[] {
  const policy = buildPolicy(draft);
  const beginsAt = Date.parse(begins);
  let current = replicas;
  let state: ScalingState | null = null;
  const observations: Observation[] = [];
  const change = (to: number, at: number): void => {
    if (state !== null) state = recordScale(state, { from: current, to, at });
    current = to;
  };
  for (const step of steps) {
    if ('manual' in step) {
      change(step.manual, beginsAt + step.at * 1000);
      continue;
    }
    for (const second of listSeconds(step)) {
      const now = beginsAt + second * 1000;
      const nodes = step.nodes.map((node) => buildNode(node, current, now));
      const capacity = step.capacity ?? null;
      const outcome: ScalingOutcome = decideReplicas(
        { policy, policyKey: '1', wanted: current, nodes, capacity, state },
        now,
      );
      state = outcome.state;
      observations.push({ label: `at ${second} s with ${current}`, expected: step.expected, outcome });
      if (outcome.decision?.outcome === 'scaled') change(outcome.decision.to, now);
    }
  }
  return observations;
}

function listSeconds({ at, until = at }: CaseStep): number[] {
  return Array.from({ length: Math.floor((until - at) / INTERVAL_SECONDS) + 1 }, (_, index) => at + index * 5);
}

/** What came of it, as far as the case looks at it. */
function describeOutcome({ evaluation, decision }: ScalingOutcome, expected: Expectation) {
  const [first] = evaluation.targets;
  const seen = {
    to: evaluation.to,
    outcome: decision?.outcome ?? null,
    wanted: evaluation.wanted,
    limits: evaluation.limits.map(({ kind, from, to }) => `${kind} ${from}→${to}` as const),
    decisiveTarget: decision?.decisiveTarget ?? null,
    missing: first?.missing,
    current: first?.current,
    schedule: evaluation.activeSchedule,
  };
  return Object.fromEntries(Object.entries(seen).filter(([key]) => key in expected));
}

describe.each(Object.entries(topics))('decideReplicas: %s', (_topic, cases) => {
  it.each(cases.map((scalingCase) => [scalingCase.name, scalingCase] as const))('%s', (_name, scalingCase) => {
    const observations = play(scalingCase);
    expect(
      observations.map(({ label, outcome, expected }) => ({ label, ...describeOutcome(outcome, expected) })),
    ).toEqual(observations.map(({ label, expected }) => ({ label, ...expected })));
    expect(scalingCase.source).not.toBe('');
  });
});

describe('what decideReplicas tells', () => {
  const decisions = Object.values(topics)
    .flat()
    .flatMap(play)
    .flatMap(({ outcome }) => outcome.decision ?? []);

  it('is a decision of the contracts', () => {
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    for (const decision of decisions) {
      expect(scalingDecision.safeParse({ ...decision, id, serviceId: id }).error).toBeUndefined();
    }
    expect(decisions.length).toBeGreaterThan(40);
  });

  it('has at least 40 cases behind it', () => {
    expect(Object.values(topics).flat().length).toBeGreaterThanOrEqual(40);
  });
});
