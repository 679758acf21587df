/** One request as an access log tells it, whatever the log's format. Escapes are undone; what the log has as `-` is null. */
export interface AccessRecord {
  /** When the answer had been sent, milliseconds since the epoch; null when the line does not say. */
  readonly timeMs: number | null;
  readonly remoteAddress: string | null;
  /** Who the client said it was (basic auth); nothing proves it. */
  readonly remoteUser: string | null;
  /** The service that answered; null in formats that have none, and for a request that reached none. */
  readonly serviceId: string | null;
  /** Null when the request had no line that can be read: TLS bytes, an empty request. */
  readonly method: string | null;
  /** As the client sent it, with its query; null as `method`. */
  readonly uri: string | null;
  /** `HTTP/1.1`; null as `method`, and for HTTP/0.9. */
  readonly protocol: string | null;
  readonly status: number | null;
  /** Of the body that was sent. */
  readonly bytes: number | null;
  readonly requestMs: number | null;
  /** Together, at all servers that nginx asked; null when it asked none. */
  readonly upstreamMs: number | null;
  readonly upstream: string | null;
  readonly referrer: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  /** Whether the line has the format's fields where they belong. Of a line that has not, nothing else is to be believed. */
  readonly isWellFormed: boolean;
}
