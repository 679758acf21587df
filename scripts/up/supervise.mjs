import { join } from 'node:path';
import { ensureDependencies } from './build.mjs';
import { startControlServer } from './control.mjs';
import { rememberChildren, stopLeftovers } from './leftovers.mjs';
import { listPaths, makeJoinToken, makeOneTimePassword, prepare } from './prepare.mjs';
import { defineProcesses } from './processes.mjs';
import { step } from './progress.mjs';
import { readState, writeState } from './state.mjs';
import { stopAgentProxy } from './stray-proxy.mjs';
import { SupervisedProcess } from './supervised-process.mjs';

/** Starts an installation, keeps it running, and stops it in order. */
export class Supervisor {
  #root;
  #settings;
  /** Stages in the order of their start. */
  #stages = [];
  #control = null;
  #stopping = null;
  #isUp = false;

  constructor({ root, settings }) {
    this.#root = root;
    this.#settings = settings;
  }

  /** Brings everything up and prints where it is. Throws with a reason when a part does not become healthy. */
  async start() {
    const { dataDir } = this.#settings;
    const state = readState(dataDir);
    // First, so that a second start on the same data finds this one, and `npm run down` can stop it.
    this.#control = await startControlServer({
      dataDir,
      describe: () => this.describe(),
      stop: () => this.stop(),
    });
    const leftovers = await stopLeftovers(dataDir);
    if (leftovers > 0) console.log(`  ended ${leftovers} processes of an earlier start that was killed`);
    await step('Dependencies', () => ensureDependencies(this.#root));
    this.#assertGoingOn();
    const oneTimePassword = makeOneTimePassword(this.#settings, state);
    const prepared = await prepare({
      root: this.#root,
      settings: this.#settings,
      state: oneTimePassword === null ? state : { ...state, oneTimePassword },
    });

    const context = { root: this.#root, settings: this.#settings, ...prepared, oneTimePassword };
    const stageCount = defineProcesses({ ...context, joinToken: null }).length;
    for (let stage = 0; stage < stageCount; stage += 1) {
      this.#assertGoingOn();
      const isAgentStage = stage === stageCount - 1;
      const joinToken = isAgentStage ? await makeJoinToken(context) : null;
      await this.#startStage(defineProcesses({ ...context, joinToken })[stage] ?? [], prepared.paths.logs);
    }
    this.#assertGoingOn();
    this.#isUp = true;
    const isNewDatabase = oneTimePassword === null || (await letsIn(this.#settings, oneTimePassword));
    printWhere({
      settings: this.#settings,
      ports: prepared.ports,
      oneTimePassword: isNewDatabase ? oneTimePassword : null,
    });
    writeState(dataDir, { ...readState(dataDir), oneTimePassword: undefined, hasAdministrator: true });
  }

  #assertGoingOn() {
    if (this.#stopping !== null) throw new Error('stopped before everything was up');
  }

  async #startStage(definitions, logs) {
    const processes = definitions.map(
      (definition) =>
        new SupervisedProcess(definition, {
          logFile: join(logs, `${definition.name}.log`),
          onChange: () => this.#remember(),
        }),
    );
    // A signal may have come while the last steps ran.
    this.#assertGoingOn();
    this.#stages.push(processes);
    await Promise.all(
      processes.map((process, index) =>
        step(process.name, async () => {
          process.start();
          await process.waitUntilHealthy();
          return `healthy on ${definitions[index]?.address}`;
        }),
      ),
    );
  }

  #remember() {
    const pids = this.#stages.flat().flatMap((process) => (process.pid === null ? [] : [process.pid]));
    rememberChildren(this.#settings.dataDir, pids);
  }

  async describe() {
    const processes = await Promise.all(this.#stages.flat().map((process) => process.describe()));
    const state = this.#stopping !== null ? 'stopping' : this.#isUp ? 'up' : 'starting';
    return { url: `http://127.0.0.1:${this.#settings.port}`, dataDir: this.#settings.dataDir, state, processes };
  }

  /**
   * Stops the stages in reverse order. Safe to call again while it runs.
   * @returns {Promise<void>}
   */
  stop() {
    this.#stopping ??= this.#stopStages();
    return this.#stopping;
  }

  async #stopStages() {
    for (const stage of this.#stages.toReversed()) await Promise.all(stage.map((process) => process.stop()));
    this.#remember();
    await stopAgentProxy(listPaths(this.#settings.dataDir).agent);
    // The answer to `npm run down` leaves before the server that sends it.
    setTimeout(() => this.#control?.close(), 50);
  }
}

/** A database that came by DATABASE_URL may have its users already; then core-api made none with this password. */
async function letsIn({ port, adminEmail, databaseUrl }, password) {
  if (databaseUrl === null) return true;
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: adminEmail, password }),
    signal: AbortSignal.timeout(10_000),
  });
  return response.status !== 401;
}

function printWhere({ settings, ports, oneTimePassword }) {
  const lines = [
    '',
    `  Dashboard   http://127.0.0.1:${settings.port}`,
    `  Sign in     ${settings.adminEmail}`,
    ...(oneTimePassword === null
      ? []
      : [`  Password    ${oneTimePassword}   (shown once; you change it at the first sign-in)`]),
    `  Your sites  http port ${ports.proxyHttp}, https port ${ports.proxyHttps}`,
    `  Data, logs  ${settings.dataDir}`,
    '',
  ];
  console.log(lines.join('\n'));
}
