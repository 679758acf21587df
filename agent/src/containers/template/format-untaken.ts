import { MAX_UNTAKEN, MAX_UNTAKEN_DETAIL_LENGTH, type Untaken, type UntakenSetting } from '@flotilla/contracts';
import type { UntakenNote } from './untaken-note.ts';

const NOT_SETTABLE = 'Replicas have no such setting.';
const REFUSED = 'Flotilla does not accept this.';

/** Why a setting is not taken over, and what replicas have in its place. */
const REASONS: Readonly<Record<UntakenSetting, string>> = {
  image: 'The container’s image has no name any more. Choose an image.',
  movedImage: 'The name stands for another image by now than the container runs. Replicas run what it stands for.',
  entrypoint: REFUSED,
  command: REFUSED,
  user: REFUSED,
  workingDirectory: REFUSED,
  environment: REFUSED,
  removedVariables: 'The image sets these and the container does not have them. Replicas have them.',
  labels: REFUSED,
  metricsLabels: 'Flotilla’s own labels stay with the container. Set the service’s metrics path instead.',
  volumes: REFUSED,
  anonymousVolumes:
    'They have no name to share them by. Replicas have an empty one where the image wants one, else none.',
  temporaryFiles: 'Replicas have no memory file systems.',
  mountOptions: 'Volumes are mounted without these options.',
  network: 'Its name is none that Flotilla accepts. Replicas join Docker’s default network.',
  hostNetwork: 'Replicas could not share the host’s ports. They join Docker’s default network.',
  noNetwork: 'nginx has to reach replicas. They join Docker’s default network.',
  containerNetwork: 'Replicas have networks of their own. They join Docker’s default network.',
  otherNetworks: 'Replicas join one network.',
  networkAliases: 'Replicas are reached through the service, not by names inside the network.',
  fixedAddress: 'Several replicas cannot have one address.',
  links: NOT_SETTABLE,
  publishedPorts: 'Replicas publish no ports: nginx reaches them inside Docker.',
  nameServers: NOT_SETTABLE,
  hostNames: NOT_SETTABLE,
  cpuLimit: REFUSED,
  memoryLimit: REFUSED,
  swap: 'Replicas have Docker’s default: as much swap as memory.',
  memoryReservation: NOT_SETTABLE,
  cpuPlacement: NOT_SETTABLE,
  blockIo: NOT_SETTABLE,
  processLimits: NOT_SETTABLE,
  outOfMemory: NOT_SETTABLE,
  sharedMemory: NOT_SETTABLE,
  privileged: 'Replicas are never privileged.',
  capabilities: 'Replicas have Docker’s default capabilities.',
  securityOptions: 'Replicas have Docker’s default security profile.',
  devices: 'Replicas get no devices of the host.',
  kernelSettings: NOT_SETTABLE,
  namespaces: 'Replicas have namespaces of their own.',
  groups: NOT_SETTABLE,
  readOnlyRoot: 'Replicas can write to their own file system.',
  init: 'No init process runs in replicas.',
  terminal: 'Replicas have no terminal.',
  hostname: 'Each replica has a name of its own.',
  runtime: 'Replicas run with Docker’s default runtime.',
  logging: 'Replicas log as the Docker daemon is set up.',
  storageOptions: NOT_SETTABLE,
  stopSignal: 'Write it as a signal’s name. Replicas are stopped by the image’s own.',
  stopGrace: 'Replicas get 10 s. At most 10 minutes can be set.',
  health: 'Only checks of a path over HTTP can be taken over. Replicas use the image’s check, or the open port.',
  restartPolicy: 'Flotilla itself replaces replicas that fail.',
};

/** Notes as people read them, within the bounds of the message. */
export function formatUntaken(notes: readonly UntakenNote[]): Untaken[] {
  return notes.slice(0, MAX_UNTAKEN).map(({ setting, names }) => ({
    setting,
    detail: names.length === 0 ? null : cut(names.join(', ').toWellFormed()),
    reason: REASONS[setting],
  }));
}

function cut(text: string): string {
  if (text.length <= MAX_UNTAKEN_DETAIL_LENGTH) return text;
  // A pair of surrogates may have been cut in half.
  return `${text.slice(0, MAX_UNTAKEN_DETAIL_LENGTH - 1).toWellFormed()}…`;
}
