import { runCommand } from './run-command.ts';

/** Runs the docker client and returns what it printed. Throws with its output when it fails. */
export async function docker(...args: string[]): Promise<string> {
  const { exitCode, output } = await runCommand('docker', args);
  if (exitCode !== 0) throw new Error(`docker ${args.join(' ')} exited with ${exitCode}: ${output}`);
  return output.trim();
}
