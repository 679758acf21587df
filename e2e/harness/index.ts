/** Real installations, agents and backends, for the end-to-end tests and the benchmarks. */
export { ApiClient } from './api.ts';
export { launchBrowser } from './browser.ts';
export { startBackend, type Backend } from './backend.ts';
export { ExtraAgent } from './extra-agent.ts';
export { fetchThroughProxy } from './proxy-client.ts';
export { findFreePorts, FlotillaSystem, repositoryRoot } from './system.ts';
export { waitFor } from './wait.ts';
