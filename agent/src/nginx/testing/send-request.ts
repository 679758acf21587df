import { request as requestHttp, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Echo } from './start-backend.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as what the backend echoes. */
  readonly echo: Echo;
}

export interface RequestDraft {
  readonly port: number;
  readonly host: string;
  /** Where the proxy listens; default 127.0.0.1. */
  readonly address?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly tls?: boolean;
  readonly agent?: RequestOptions['agent'];
}

/** One request to the proxy, over a connection of its own unless an agent is given. */
export function sendRequest(draft: RequestDraft): Promise<Reply> {
  const {
    port,
    host,
    address = '127.0.0.1',
    path = '/',
    method = 'GET',
    headers = {},
    body,
    tls = false,
    agent = false,
  } = draft;
  const options = { host: address, port, path, method, agent, headers: { host, ...headers } };
  return new Promise((resolve, reject) => {
    const sent = tls ? requestHttps({ ...options, servername: host, rejectUnauthorized: false }) : requestHttp(options);
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          get echo() {
            return JSON.parse(text) as Echo;
          },
        }),
      );
    });
    sent.end(body);
  });
}
