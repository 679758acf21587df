/** One wrong setting: its name in the environment, what is wrong with its value, and what is accepted. */
export interface SettingProblem {
  readonly name: string;
  readonly problem: string;
  readonly accepted: string | null;
}

/** Thrown by `loadSettings` with every wrong setting at once. Holds no value of a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(`wrong settings:\n${problems.map((problem) => `  ${formatSettingProblem(problem)}`).join('\n')}`);
    this.problems = problems;
  }
}

/** `FLOTILLA_API_PORT="abc": must be a port; accepted: 1 to 65535`, for a log line. */
export function formatSettingProblem({ name, problem, accepted }: SettingProblem): string {
  return `${name} ${problem}${accepted === null ? '' : `; accepted: ${accepted}`}`;
}
