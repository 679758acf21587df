import { readdir, readFile } from 'node:fs/promises';
import { readUsage } from '../harness/read-usage.ts';

const NANOSECONDS_PER_MS = 1e6;
const WORKER = 'nginx: worker process';

/** An nginx of an agent, by the file that its master writes its process id to. */
export class NginxProcesses {
  readonly #pidFile: string;

  constructor(pidFile: string) {
    this.#pidFile = pidFile;
  }

  /** Those that take new connections; workers of a configuration before, which only end what they have, are left out. */
  async listWorkers(): Promise<number[]> {
    const master = (await readFile(this.#pidFile, 'utf8')).trim();
    const children = (await readFile(`/proc/${master}/task/${master}/children`, 'utf8')).trim().split(' ');
    const workers: number[] = [];
    for (const pid of children.filter((one) => one !== '')) {
      const title = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      if (title.startsWith(WORKER) && !title.includes('shutting down')) workers.push(Number(pid));
    }
    if (workers.length === 0) throw new Error(`nginx ${master} has no workers`);
    return workers;
  }

  /** Processor time of all workers since their start, in milliseconds (proc(5): schedstat, in nanoseconds). */
  async readCpuMs(): Promise<number> {
    let nanoseconds = 0;
    for (const pid of await this.listWorkers()) {
      for (const thread of await readdir(`/proc/${pid}/task`)) {
        const stat = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
        nanoseconds += Number(stat.split(' ')[0]);
      }
    }
    return nanoseconds / NANOSECONDS_PER_MS;
  }

  /** What is resident of the largest worker. */
  async readWorkerMemoryBytes(): Promise<number> {
    const usages = await Promise.all((await this.listWorkers()).map(readUsage));
    return Math.max(...usages.map(({ memoryBytes }) => memoryBytes));
  }
}
