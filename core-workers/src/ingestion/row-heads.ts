/** How the rows of an agent's containers began in its last message: `["id","name"`, one after the other. */
export class RowHeads {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  /** The text of all heads; one piece of memory, because following references costs more than comparing. */
  readonly text: DataView;
  /** Where each ends in the text. */
  readonly ends: Int32Array;

  constructor(rows: readonly { readonly id: string; readonly name: string; readonly text: Uint8Array }[]) {
    this.ids = rows.map(({ id }) => id);
    this.names = rows.map(({ name }) => name);
    const text = Uint8Array.from(Buffer.concat(rows.map((row) => row.text)));
    this.text = new DataView(text.buffer);
    let end = 0;
    this.ends = Int32Array.from(rows, (row) => (end += row.text.length));
  }
}

const NO_HEADS = new RowHeads([]);

/** Containers that are remembered altogether; about 350 bytes each. */
const MOST_ROWS = 20_000;

/**
 * The heads of each agent's last message. The next one mostly has the same, and comparing bytes is several times as fast as
 * making the same strings again. Only a shortcut: what is not in here is read from the message.
 */
export class RowHeadsCache {
  readonly #ofAgent = new Map<string, RowHeads>();
  readonly #mostRows: number;
  #rows = 0;

  constructor(mostRows = MOST_ROWS) {
    this.#mostRows = mostRows;
  }

  get rows(): number {
    return this.#rows;
  }

  get(agentId: string): RowHeads {
    return this.#ofAgent.get(agentId) ?? NO_HEADS;
  }

  set(agentId: string, heads: RowHeads): void {
    this.#delete(agentId);
    this.#ofAgent.set(agentId, heads);
    this.#rows += heads.ids.length;
    for (const oldest of this.#ofAgent.keys()) {
      if (this.#rows <= this.#mostRows) return;
      this.#delete(oldest);
    }
  }

  #delete(agentId: string): void {
    this.#rows -= this.get(agentId).ids.length;
    this.#ofAgent.delete(agentId);
  }
}
