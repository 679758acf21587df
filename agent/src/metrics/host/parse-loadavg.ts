export interface LoadAverages {
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
}

/** `/proc/loadavg`, proc_loadavg(5): the mean number of tasks that ran, or waited to, in 1, 5 and 15 minutes. */
export function parseLoadavg(text: string): LoadAverages | null {
  const match = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(text);
  return match === null ? null : { load1: Number(match[1]), load5: Number(match[2]), load15: Number(match[3]) };
}
