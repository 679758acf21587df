import { request } from 'node:http';

const ANSWER_TIMEOUT_MS = 1000;
const LONGEST_ANSWER = 100;

/**
 * Asks nginx for the release that it serves, over a new connection: an old one would be answered by an old worker.
 * @returns null when nothing answers, or not in time, or not with a release's id
 */
export function readServedRelease(controlSocket: string): Promise<string | null> {
  return new Promise((resolve) => {
    const asking = request(
      { socketPath: controlSocket, path: '/revision', agent: false, timeout: ANSWER_TIMEOUT_MS },
      (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          answer += text;
          if (answer.length > LONGEST_ANSWER) asking.destroy();
        });
        response.on('close', () => resolve(/^[0-9a-f]{32}$/.test(answer) ? answer : null));
      },
    );
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(null));
    asking.end();
  });
}
