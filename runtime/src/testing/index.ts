/** Real servers for integration tests. Needs nats-server (Debian's package) on the machine. */
export { findFreePorts } from './find-free-ports.ts';
export { NatsServer } from './nats-server.ts';
