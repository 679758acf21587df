import type { Logger } from '@flotilla/runtime';
import { openStateFile, type SpoolState, type StateFile } from './spool-state.ts';

/** What the spool must not forget, written as seldom as can be. Nothing here throws but `open`. */
export class SpoolMemory {
  readonly #logger: Logger;
  #file: StateFile | null = null;
  #state: SpoolState;
  /** Dropped while no file was open. */
  #droppedBefore = 0;
  #isSaved = true;
  #savedAtMs = 0;

  constructor(agentId: string, logger: Logger) {
    this.#logger = logger;
    this.#state = { id: '', agentId, acknowledgedThrough: 0, droppedSamples: 0, lastSampledAt: 0 };
  }

  get state(): SpoolState {
    return this.#state;
  }

  /** Milliseconds since what is known was last written. */
  get unsavedMs(): number {
    return this.#isSaved ? 0 : performance.now() - this.#savedAtMs;
  }

  /** Resolves with what was there before. @throws the system's error */
  async open(file: string): Promise<StateFile['found']> {
    const opened = await openStateFile(file, this.#state.agentId);
    const { initial, found } = opened;
    if (found === 'unreadable') this.#logger.error('the spool’s memory cannot be read: earlier losses are not known');
    this.#state = { ...initial, droppedSamples: initial.droppedSamples + this.#droppedBefore };
    this.#droppedBefore = 0;
    this.#file = opened;
    this.#isSaved = false;
    return found;
  }

  note(change: Partial<Pick<SpoolState, 'acknowledgedThrough' | 'lastSampledAt'>>): void {
    this.#state = { ...this.#state, ...change };
    this.#isSaved = false;
  }

  async countDropped(samples: number): Promise<void> {
    if (samples === 0) return;
    if (this.#file === null) this.#droppedBefore += samples;
    this.#state = { ...this.#state, droppedSamples: this.#state.droppedSamples + samples };
    this.#isSaved = false;
    await this.save();
  }

  /** Writes what is new. What cannot be written is tried again with the next change. */
  async save(): Promise<void> {
    if (this.#file === null || this.#isSaved) return;
    try {
      await this.#file.write(this.#state);
      this.#isSaved = true;
    } catch (err) {
      this.#logger.debug({ err }, 'the spool’s memory cannot be written');
    }
    this.#savedAtMs = performance.now();
  }

  async close(): Promise<void> {
    await this.save();
    const file = this.#file;
    this.#file = null;
    await file?.close().catch((err: unknown) => this.#logger.warn({ err }, 'the spool’s memory could not be closed'));
  }
}
