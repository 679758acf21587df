import {
  buildPath,
  getAgent,
  getSeriesMetrics,
  getService,
  getServiceConfig,
  getServiceMetrics,
  listAgentSeries,
  refresh,
} from '@flotilla/contracts';
import express from 'express';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { agent, buildMetricsAnswer, buildSeriesNames, service, serviceConfig, session } from './build-answers.ts';

/** Builds the dashboard as `npm run up` does. */
export async function buildDashboard(root: string, outputDir: string): Promise<void> {
  const vite = join(root, 'node_modules', '.bin', 'vite');
  await promisify(execFile)(vite, ['build', '--outDir', outputDir, '--emptyOutDir'], { cwd: join(root, 'frontend') });
}

export interface ServedDashboard {
  readonly url: string;
  /** Keeps questions about figures waiting, so that the page has nothing to draw; `false` answers them. */
  readonly hold: (isHeld: boolean) => void;
  readonly close: () => Promise<void>;
}

/** Serves a built dashboard with a stand-in for core-api whose answers cost nothing: what is measured is the page. */
export async function serveDashboard(dashboardDir: string, seriesCount: number): Promise<ServedDashboard> {
  const app = express();
  const params = { id: service.id };
  const ofAgent = { id: agent.id };
  const list = (text: unknown): string[] => (Array.isArray(text) ? text : [text]).map(String);
  app.post(refresh.path, (_, response) => void response.json(session));
  app.get(buildPath(getService, params), (_, response) => void response.json(service));
  app.get(buildPath(getServiceConfig, params), (_, response) => void response.json(serviceConfig));
  app.get(buildPath(getAgent, ofAgent), (_, response) => void response.json(agent));
  app.get(buildPath(listAgentSeries, ofAgent), (_, response) => void response.json(buildSeriesNames(seriesCount)));
  let held: (() => void)[] | null = null;
  const answer = (respond: () => void): void => {
    if (held === null) respond();
    else held.push(respond);
  };
  app.get(buildPath(getServiceMetrics, params), ({ query }, response) => {
    answer(() => response.json(buildMetricsAnswer(list(query['metrics']).join(',').split(','), Date.now())));
  });
  app.get(buildPath(getSeriesMetrics, ofAgent), ({ query }, response) => {
    answer(() => response.json(buildMetricsAnswer(list(query['names']), Date.now())));
  });
  app.use(express.static(dashboardDir));
  app.use((_, response) => response.sendFile(join(dashboardDir, 'index.html')));

  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    hold: (isHeld) => {
      const waiting = held ?? [];
      held = isHeld ? waiting : null;
      if (!isHeld) for (const respond of waiting) respond();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
