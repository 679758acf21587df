import type { ContainerTemplateView } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { effectScope } from 'vue';
import { useContainerTemplate, type AskedContainer } from './use-container-template.ts';

const containerOf = (name: string): AskedContainer => ({ agentId: 'node', id: `id of ${name}`, name });
const templateOf = (name: string) => ({ name }) as ContainerTemplateView;

/** Answers when the test says so, in any order. */
function ask() {
  const questions: { name: string; signal: AbortSignal; answer: (error?: Error) => void }[] = [];
  const taken: string[] = [];
  const scope = effectScope();
  const used = scope.run(() =>
    useContainerTemplate(
      ({ name }, signal) =>
        new Promise((resolve, reject) => {
          const answer = (error?: Error): void => (error === undefined ? resolve(templateOf(name)) : reject(error));
          questions.push({ name, signal, answer });
        }),
      ({ name }) => taken.push(name),
    ),
  );
  if (used === undefined) throw new Error('the scope is gone');
  return { ...used, questions, taken, leave: () => scope.stop() };
}

describe('asking for a container’s settings', () => {
  it('takes what the node answers', async () => {
    const { choose, reading, questions, taken } = ask();
    const chosen = choose(containerOf('web'));
    expect(reading.value.kind).toBe('asking');
    questions[0]?.answer();
    await chosen;
    expect(reading.value.kind).toBe('taken');
    expect(taken).toEqual(['web']);
  });

  it('takes the last choice only, whichever answer comes first', async () => {
    const { choose, questions, taken } = ask();
    const chosen = [choose(containerOf('web')), choose(containerOf('db'))];
    questions[1]?.answer();
    questions[0]?.answer();
    await Promise.all(chosen);
    expect(taken).toEqual(['db']);
    expect(questions.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('asks again after a failure', async () => {
    const { choose, retry, reading, questions, taken } = ask();
    const chosen = choose(containerOf('web'));
    questions[0]?.answer(new Error('the node is silent'));
    await chosen;
    expect(reading.value).toMatchObject({ kind: 'failed', error: new Error('the node is silent') });
    const again = retry();
    questions[1]?.answer();
    await again;
    expect(taken).toEqual(['web']);
  });

  it('gives the question up when the form is left, or nothing is chosen any more', async () => {
    const { choose, reading, questions, taken, leave } = ask();
    const chosen = choose(containerOf('web'));
    await choose(null);
    expect(reading.value.kind).toBe('none');
    const other = choose(containerOf('db'));
    leave();
    for (const { answer } of questions) answer();
    await Promise.all([chosen, other]);
    expect(questions.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(taken).toEqual([]);
  });
});
