import { connectBus, type BusConnection, type BusOptions } from '@flotilla/runtime';

/**
 * A bus connection that may come later: the API answers without it, and nodes poll meanwhile. What is published while
 * it is away is dropped; it only ever carries hints.
 */
export class LateBus {
  readonly #ready: Promise<void>;
  readonly #listeners: (() => void)[] = [];
  #connection: BusConnection | null = null;

  /** @param onFatal called when the bus has refused the credentials, or closed for good */
  constructor(options: Omit<BusOptions, 'onStateChange'>, { onFatal }: { onFatal: (error: unknown) => void }) {
    const onStateChange = (isConnected: boolean) => {
      // The first time there is no connection to use yet; that comes when `connectBus` has returned.
      if (isConnected && this.#connection !== null) this.#tellListeners();
    };
    this.#ready = connectBus({ ...options, onStateChange }).then(
      (connection) => {
        this.#connection = connection;
        void connection.closed.then((reason) => reason !== null && onFatal(reason));
        this.#tellListeners();
      },
      (error: unknown) => {
        if (options.signal?.aborted !== true) onFatal(error);
      },
    );
  }

  /** Calls `listener` each time the connection is there (again); now too when it is. */
  onConnected(listener: () => void): void {
    this.#listeners.push(listener);
    if (this.connection !== null) listener();
  }

  /** The connection while it is there. */
  get connection(): BusConnection | null {
    return this.#connection?.isConnected() === true ? this.#connection : null;
  }

  /** Rejects while the bus does not answer, for a health check. */
  async check(): Promise<void> {
    if (this.#connection === null) throw new Error('not connected to the bus yet');
    await this.#connection.check();
  }

  /** The signal of the options ends the wait for a first connection; abort it before. */
  async close(): Promise<void> {
    await this.#ready;
    await this.#connection?.close();
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) listener();
  }
}
