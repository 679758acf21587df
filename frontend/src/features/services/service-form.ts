import type { ServiceInputDraft, ServiceSettings, Target } from '@flotilla/contracts';
import { emptyFirewall, readFirewall, writeFirewall, type FirewallForm } from './firewall-form.ts';
import { emptyReplicas, readReplicas, writeReplicas, type ReplicasForm } from './replicas-form.ts';

const MEBIBYTE = 2 ** 20;

/** A target as the form holds it: all kinds at once, so that switching to and fro loses nothing. */
export interface TargetForm {
  kind: 'host' | 'container' | 'replicas';
  host: string;
  container: string;
  port: number | null;
  weight: number;
  maxFails: number;
  failTimeoutMs: number;
  backup: boolean;
}

/** What the form edits; lists of addresses are text, one a line. */
export interface ServiceForm {
  name: string;
  domains: string[];
  agentIds: string[];
  target: TargetForm;
  additionalTargets: TargetForm[];
  balancing: ServiceSettings['balancing'];
  targetProtocol: ServiceSettings['targetProtocol'];
  tls: ServiceSettings['tls'];
  websocket: boolean;
  gzip: boolean;
  /** Numbers as `v-model.number` gives them: an emptied field is an empty text. */
  maxBodyMebibytes: number | '';
  connectSeconds: number | '';
  readSeconds: number | '';
  sendSeconds: number | '';
  requestHeaders: { name: string; value: string }[];
  responseHeaders: { name: string; value: string }[];
  locations: { path: string; match: 'prefix' | 'exact'; stripPath: boolean; target: TargetForm }[];
  redirect: { isOn: boolean } & NonNullable<ServiceSettings['redirect']>;
  maintenance: { enabled: boolean; allowFrom: string };
  basicAuth: { isOn: boolean; realm: string; users: { username: string; password: string }[] };
  access: { allow: string; deny: string };
  firewall: FirewallForm;
  trustedProxies: string;
  /** Empty for none. */
  metricsPath: string;
  /** Not edited here: sent back as it was. */
  errorPages: ServiceSettings['errorPages'];
  replicas: ReplicasForm;
}

export function emptyTarget(kind: TargetForm['kind'] = 'host'): TargetForm {
  return { kind, host: '', container: '', port: null, weight: 1, maxFails: 1, failTimeoutMs: 10_000, backup: false };
}

/** A new service: the defaults of the contracts. */
export function emptyForm(): ServiceForm {
  return {
    name: '',
    domains: [],
    agentIds: [],
    target: emptyTarget(),
    additionalTargets: [],
    balancing: 'round_robin',
    targetProtocol: 'http',
    tls: { mode: 'off', certificateId: null, redirectHttp: false, http2: true, hstsSeconds: null },
    websocket: true,
    gzip: true,
    maxBodyMebibytes: 64,
    connectSeconds: 5,
    readSeconds: 60,
    sendSeconds: 60,
    requestHeaders: [],
    responseHeaders: [],
    locations: [],
    redirect: { isOn: false, to: '', status: 308, keepPath: true },
    maintenance: { enabled: false, allowFrom: '' },
    basicAuth: { isOn: false, realm: 'Restricted', users: [{ username: '', password: '' }] },
    access: { allow: '', deny: '' },
    firewall: emptyFirewall(),
    trustedProxies: '',
    metricsPath: '',
    errorPages: { set: 'default', interceptsUpstreamErrors: false },
    replicas: emptyReplicas(),
  };
}

/** The form of stored settings. */
export function readForm(settings: ServiceSettings): ServiceForm {
  const empty = emptyForm();
  const { timeouts, redirect, basicAuth, maintenance, access } = settings;
  return {
    name: settings.name,
    domains: [...settings.domains],
    agentIds: [...settings.agentIds],
    target: readTarget(settings.target),
    additionalTargets: settings.additionalTargets.map(readTarget),
    balancing: settings.balancing,
    targetProtocol: settings.targetProtocol,
    tls: { ...settings.tls },
    websocket: settings.websocket,
    gzip: settings.gzip,
    maxBodyMebibytes: settings.maxBodyBytes / MEBIBYTE,
    connectSeconds: timeouts.connectMs / 1000,
    readSeconds: timeouts.readMs / 1000,
    sendSeconds: timeouts.sendMs / 1000,
    requestHeaders: settings.requestHeaders.map((header) => ({ ...header })),
    responseHeaders: settings.responseHeaders.map((header) => ({ ...header })),
    locations: settings.locations.map(({ path, match, stripPath, target }) => ({
      path,
      match,
      stripPath,
      target: readTarget(target),
    })),
    redirect: redirect === null ? empty.redirect : { isOn: true, ...redirect },
    maintenance: { enabled: maintenance.enabled, allowFrom: maintenance.allowFrom.join('\n') },
    basicAuth:
      basicAuth === null
        ? empty.basicAuth
        : {
            isOn: true,
            realm: basicAuth.realm,
            users: basicAuth.users.map(({ username }) => ({ username, password: '' })),
          },
    access: { allow: access.allow.join('\n'), deny: access.deny.join('\n') },
    firewall: readFirewall(settings.firewall),
    trustedProxies: settings.trustedProxies.join('\n'),
    metricsPath: settings.metricsPath ?? '',
    errorPages: { ...settings.errorPages },
    replicas: readReplicas(settings.replicas),
  };
}

function readTarget(target: Target): TargetForm {
  const { port, weight, maxFails, failTimeoutMs, backup } = target;
  const common = { ...emptyTarget(), port, weight, maxFails, failTimeoutMs, backup };
  if ('replicas' in target) return { ...common, kind: 'replicas' };
  return 'container' in target
    ? { ...common, kind: 'container', container: target.container }
    : { ...common, kind: 'host', host: target.host };
}

/** What the form sends. The Core checks it and names what is wrong. */
export function writeInput(form: ServiceForm): ServiceInputDraft {
  const { redirect, basicAuth } = form;
  return {
    name: form.name,
    domains: form.domains,
    agentIds: form.agentIds,
    target: writeTarget(form.target),
    additionalTargets: form.additionalTargets.map(writeTarget),
    balancing: form.balancing,
    targetProtocol: form.targetProtocol,
    tls: form.tls,
    websocket: form.websocket,
    gzip: form.gzip,
    maxBodyBytes: multiply(form.maxBodyMebibytes, MEBIBYTE),
    timeouts: {
      connectMs: multiply(form.connectSeconds, 1000),
      readMs: multiply(form.readSeconds, 1000),
      sendMs: multiply(form.sendSeconds, 1000),
    },
    requestHeaders: form.requestHeaders,
    responseHeaders: form.responseHeaders,
    locations: form.locations.map(({ target, ...location }) => ({ ...location, target: writeTarget(target) })),
    redirect: redirect.isOn ? { to: redirect.to, status: redirect.status, keepPath: redirect.keepPath } : null,
    maintenance: { enabled: form.maintenance.enabled, allowFrom: splitLines(form.maintenance.allowFrom) },
    basicAuth: basicAuth.isOn
      ? {
          realm: basicAuth.realm,
          // Without a password the stored one stays.
          users: basicAuth.users.map(({ username, password }) => ({ username, ...(password !== '' && { password }) })),
        }
      : null,
    access: { allow: splitLines(form.access.allow), deny: splitLines(form.access.deny) },
    firewall: writeFirewall(form.firewall),
    trustedProxies: splitLines(form.trustedProxies),
    metricsPath: form.metricsPath.trim() === '' ? null : form.metricsPath,
    errorPages: form.errorPages,
    replicas: writeReplicas(form.replicas),
    ...(form.replicas.isOn && form.replicas.templateId !== null && { templateId: form.replicas.templateId }),
  };
}

function writeTarget({ kind, host, container, port, ...options }: TargetForm): ServiceInputDraft['target'] {
  // An empty port is sent as 0, which the Core refuses by name.
  const common = { port: port ?? 0, ...options };
  if (kind === 'replicas') return { replicas: true, ...common };
  return kind === 'container' ? { container, ...common } : { host, ...common };
}

/** An emptied field gives NaN, which travels as null and is refused by name; as 0 it would mean "no limit". */
function multiply(typed: number | string | null, factor: number): number {
  return typeof typed === 'number' ? Math.round(typed * factor) : Number.NaN;
}

function splitLines(text: string): string[] {
  return text.split(/[\s,;]+/).filter((entry) => entry !== '');
}
