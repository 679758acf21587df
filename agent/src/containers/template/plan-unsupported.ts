import type { InspectedContainer } from './parse-inspection.ts';
import { noteIf, noteNames, type UntakenNote } from './untaken-note.ts';

/** Docker's own size of /dev/shm. */
const DEFAULT_SHARED_MEMORY_BYTES = 64 * 2 ** 20;
const SHORT_ID_LENGTH = 12;

/** Settings of a container that a specification of replicas has no field for. */
export function planUnsupported({ Id, Config, HostConfig }: InspectedContainer): UntakenNote[] {
  const host = HostConfig;
  const isSet = (texts: readonly string[]): string[] => texts.filter((text) => text !== '');
  const blockIo = [
    host.BlkioWeightDevice,
    host.BlkioDeviceReadBps,
    host.BlkioDeviceWriteBps,
    host.BlkioDeviceReadIOps,
    host.BlkioDeviceWriteIOps,
  ];
  const named = (name: string, value: string, usual: readonly string[]): string[] =>
    value === '' || usual.includes(value) ? [] : [`${name} ${value}`];
  const restart = host.RestartPolicy?.Name ?? '';
  const logging = host.LogConfig;
  return [
    ...noteIf(host.Privileged, 'privileged'),
    ...noteNames('capabilities', [...host.CapAdd.map((name) => `+${name}`), ...host.CapDrop.map((name) => `-${name}`)]),
    // Of a privileged container no path is masked anyway.
    ...noteNames('securityOptions', [
      ...host.SecurityOpt,
      ...(host.MaskedPaths?.length === 0 && !host.Privileged ? ['systempaths=unconfined'] : []),
    ]),
    ...noteNames('devices', [
      ...host.Devices.map(({ PathOnHost }) => PathOnHost),
      ...host.DeviceCgroupRules,
      ...(host.DeviceRequests.length > 0 ? ['GPU'] : []),
    ]),
    ...noteNames('kernelSettings', Object.keys(host.Sysctls)),
    ...noteNames('namespaces', [
      ...named('ipc', host.IpcMode, ['private', 'shareable']),
      ...named('pid', host.PidMode, []),
      ...named('uts', host.UTSMode, []),
      ...named('userns', host.UsernsMode, []),
    ]),
    ...noteNames('groups', host.GroupAdd),
    ...noteIf(host.ReadonlyRootfs, 'readOnlyRoot'),
    ...noteIf(host.Init, 'init'),
    ...noteIf(Config.Tty || Config.OpenStdin, 'terminal'),
    ...noteNames(
      'hostname',
      isSet([
        // Of the host’s network it is the host’s.
        Config.Hostname === Id.slice(0, SHORT_ID_LENGTH) || host.NetworkMode === 'host' ? '' : Config.Hostname,
        Config.Domainname,
      ]),
    ),
    ...noteNames('runtime', isSet([host.Runtime === 'runc' ? '' : host.Runtime])),
    ...noteNames('nameServers', [...host.Dns, ...host.DnsOptions, ...host.DnsSearch]),
    ...noteNames('hostNames', host.ExtraHosts),
    ...noteIf(
      host.CpuShares > 0 ||
        host.CpusetCpus !== '' ||
        host.CpusetMems !== '' ||
        host.CpuRealtimePeriod > 0 ||
        host.CpuRealtimeRuntime > 0 ||
        host.CgroupParent !== '',
      'cpuPlacement',
    ),
    ...noteIf(host.BlkioWeight > 0 || blockIo.some((list) => list.length > 0), 'blockIo'),
    ...noteNames('processLimits', [
      ...(host.PidsLimit > 0 ? [`pids ${host.PidsLimit}`] : []),
      ...host.Ulimits.map(({ Name }) => `ulimit ${Name}`),
    ]),
    ...noteIf(host.OomKillDisable || host.OomScoreAdj !== 0, 'outOfMemory'),
    ...noteIf(host.ShmSize > 0 && host.ShmSize !== DEFAULT_SHARED_MEMORY_BYTES, 'sharedMemory'),
    ...noteNames('storageOptions', Object.keys(host.StorageOpt)),
    ...noteNames(
      'logging',
      logging && (logging.Type !== 'json-file' || Object.keys(logging.Config).length > 0) ? isSet([logging.Type]) : [],
    ),
    ...noteNames('restartPolicy', restart === '' || restart === 'no' ? [] : [restart]),
  ];
}
