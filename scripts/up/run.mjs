import { spawn } from 'node:child_process';

/** A program that ended with an error; the message has its last lines. */
export class CommandError extends Error {
  constructor(command, code, output) {
    super(`${command} exited with ${code}\n${output.trimEnd().split('\n').slice(-25).join('\n')}`);
    this.name = 'CommandError';
  }
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ input?: string, cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} what it wrote
 * @throws {CommandError} unless it exits with 0
 */
export function run(command, args, { input, ...options } = {}) {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // A program that does not read its input closes the pipe; its exit code says what matters.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolvePromise(output) : reject(new CommandError([command, ...args].join(' '), code, output)),
    );
  });
}
