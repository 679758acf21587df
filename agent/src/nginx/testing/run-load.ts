import { Agent, request as requestHttp } from 'node:http';

/** What a client asks; default a GET of `/`. */
export interface LoadRequest {
  readonly method?: string;
  readonly path?: string;
}

export interface LoadReport {
  readonly requests: number;
  /** Requests that a client was not answered with 200, each with why. */
  readonly failures: readonly string[];
  /** Idle connections that the server closed while the client used them again. */
  readonly retries: number;
}

/**
 * Clients that ask one after the other over kept connections, until the signal. A connection that was idle and is reset
 * before the first byte of an answer is retried on a new one, as HTTP wants it (RFC 9112 §9.3.1).
 * @param next called for each request
 */
export async function runLoad(
  port: number,
  host: string,
  clients: number,
  signal: AbortSignal,
  next: () => LoadRequest = () => ({}),
): Promise<LoadReport> {
  const failures: string[] = [];
  let [requests, retries] = [0, 0];

  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!signal.aborted) {
      requests += 1;
      const request = next();
      let outcome = await ask(port, host, agent, request);
      if (outcome === 'idle connection reset') {
        retries += 1;
        outcome = await ask(port, host, false, request);
      }
      if (outcome !== '200') failures.push(outcome);
      // Requests that are refused at once must not fill the processor.
      if (outcome !== '200') await new Promise((resolve) => setTimeout(resolve, 10));
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { requests, failures, retries };
}

function ask(port: number, host: string, agent: Agent | false, request: LoadRequest): Promise<string> {
  return new Promise((resolve) => {
    const asking = requestHttp({ host: '127.0.0.1', port, agent, headers: { host }, ...request });
    asking.on('error', (error) => resolve(asking.reusedSocket ? 'idle connection reset' : error.message));
    asking.on('response', (response) => {
      response.resume();
      response.on('error', (error) => resolve(`during the answer: ${error.message}`));
      response.on('end', () => resolve(String(response.statusCode)));
    });
    asking.end();
  });
}
