const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Room for a request of 64 KiB of which each byte is escaped, several times. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * Gives the lines of a stream, those of a chunk together, so that no more is in memory than a chunk and a line. A last line
 * without its newline counts. Null stands for a line that is longer than a mebibyte.
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly (Uint8Array | null)[], void> {
  let pieces: Uint8Array[] = [];
  let pieceBytes = 0;
  /** What belongs to the line that has begun; too much of it is forgotten. */
  const keep = (piece: Uint8Array): void => {
    pieceBytes += piece.length;
    if (pieceBytes > MAX_LINE_BYTES) pieces = [];
    else pieces.push(piece);
  };
  const finish = (): Uint8Array | null => {
    const [only, ...others] = pieces;
    const line = others.length === 0 ? (only ?? null) : Buffer.concat(pieces);
    pieces = [];
    pieceBytes = 0;
    return line?.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
  };

  for await (const chunk of input) {
    const lines: (Uint8Array | null)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      lines.push(finish());
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
    yield lines;
  }
  if (pieceBytes > 0) yield [finish()];
}
