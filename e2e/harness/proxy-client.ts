import { request } from 'node:http';

export interface ProxyAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** `curl -H 'Host: …'` through an agent's nginx, on a connection of its own. Rejects when the connection breaks. */
export function fetchThroughProxy(
  proxyPort: number,
  domain: string,
  path = '/',
  headers: Readonly<Record<string, string>> = {},
): Promise<ProxyAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: proxyPort,
        path,
        headers: { host: domain, ...headers },
        agent: false,
        timeout: 10_000,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${domain}${path} did not answer within 10 s`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

export interface TrafficReport {
  readonly requests: number;
  readonly failures: readonly string[];
}

/** Sends requests one after the other until stopped; every answer that is not `200` counts as a failure. */
export function startTraffic(proxyPort: number, domain: string): { stop: () => Promise<TrafficReport> } {
  let isStopped = false;
  let requests = 0;
  const failures: string[] = [];
  const finished = (async () => {
    while (!isStopped) {
      requests += 1;
      const problem = await fetchThroughProxy(proxyPort, domain).then(
        (answer) => (answer.status === 200 ? null : `status ${answer.status}`),
        (error: Error) => error.message,
      );
      if (problem !== null) failures.push(problem);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await finished;
      return { requests, failures };
    },
  };
}
