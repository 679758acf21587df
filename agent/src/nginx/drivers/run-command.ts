import { execFile } from 'node:child_process';
import { NginxUnavailableError, type CommandResult } from './driver.ts';

const OUTPUT_BYTES = 1_048_576;

/**
 * Runs a program to its end, without a shell.
 * @throws NginxUnavailableError when it cannot be started or does not end in time
 */
export function runCommand(program: string, args: readonly string[], timeoutMs: number): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: timeoutMs, maxBuffer: OUTPUT_BYTES }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (error === null) resolve({ ok: true, output });
      else if (typeof error.code === 'number') resolve({ ok: false, output });
      else if (error.killed) reject(new NginxUnavailableError(`${program} did not end within ${timeoutMs} ms`));
      else reject(new NginxUnavailableError(`cannot run ${program}: ${error.message}`, { cause: error }));
    });
  });
}
