/** A line that nginx wrote about a configuration that it refuses. */
export interface NginxComplaint {
  /** nginx's own words, without level, time and process id. */
  readonly words: string;
  /** The file that it names, when it does. */
  readonly file: string | null;
}

const EMERGENCY = /\[emerg\](?: \d+#\d+:)? (.*)$/;
const PLACE = / in (\/.*?):\d+$/;

/** The emergencies in what `nginx -t` printed or the error log holds, first one first. */
export function parseComplaints(output: string): NginxComplaint[] {
  return output.split('\n').flatMap((line) => {
    const words = EMERGENCY.exec(line)?.[1];
    return words === undefined ? [] : [{ words, file: PLACE.exec(words)?.[1] ?? null }];
  });
}

/**
 * All that nginx said, for an operator: its emergencies, each once, else its whole output. `still could not bind()` is
 * left out where the lines before it say more.
 */
export function formatComplaints(output: string): string {
  const all = parseComplaints(output).map((complaint) => complaint.words);
  const telling = all.filter((words) => !isBindGivenUp(words));
  return (
    [...new Set(telling.length > 0 ? telling : all)].join('\n') || output.trim() || 'nginx failed without saying why'
  );
}

/**
 * The variable in `unknown "nope" variable`: nginx finds it after it read all files, so it names none.
 */
export function parseUnknownVariable(words: string): string | null {
  return /^unknown "([A-Za-z0-9_]+)" variable$/.exec(words)?.[1] ?? null;
}

/** The port in `bind() to 0.0.0.0:8444 failed (98: Address already in use)`. */
export function parseBindPort(words: string): number | null {
  const port = /^bind\(\) to \S*:(\d+) failed/.exec(words)?.[1];
  return port === undefined ? null : Number(port);
}

/** nginx tries to bind five times, 500 ms apart; this line ends it. */
export function isBindGivenUp(words: string): boolean {
  return words === 'still could not bind()';
}
