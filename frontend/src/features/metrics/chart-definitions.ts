import { PERCENT_MAX, type ContainerMetric, type HostMetric } from '@flotilla/contracts';

/** Names of lines and charts: keys of the texts of this feature. */
export type LineText =
  | 'used'
  | 'total'
  | 'limit'
  | 'read'
  | 'written'
  | 'received'
  | 'sent'
  | 'errors'
  | 'drops'
  | 'space'
  | 'inodes'
  | 'user'
  | 'system'
  | 'iowait'
  | 'steal'
  | 'load1'
  | 'load5'
  | 'load15'
  | 'cpu'
  | 'memory'
  | 'disk';
export type ChartText =
  | 'cpu'
  | 'cpuModes'
  | 'load'
  | 'memory'
  | 'swap'
  | 'disk'
  | 'diskBusy'
  | 'network'
  | 'networkProblems'
  | 'filesystem'
  | 'filesystemFullest'
  | 'pressure'
  | 'temperature'
  | 'agent'
  | 'spool'
  | 'pids'
  | 'restarts'
  | 'blockIo';

export interface ChartDefinition<Metric extends string> {
  readonly title: ChartText;
  /** The first one names the chart in tests, and gives its unit; without a text a line is called as the chart. */
  readonly lines: readonly [readonly [Metric, LineText?], ...(readonly [Metric, LineText?])[]];
  readonly max?: number;
}

/** What an operator looks at first stands first. */
export const nodeCharts: readonly ChartDefinition<HostMetric>[] = [
  { title: 'cpu', lines: [['cpuPercent']], max: PERCENT_MAX },
  {
    title: 'memory',
    lines: [
      ['memoryUsedBytes', 'used'],
      ['memoryTotalBytes', 'total'],
    ],
  },
  {
    title: 'load',
    lines: [
      ['load1', 'load1'],
      ['load5', 'load5'],
      ['load15', 'load15'],
    ],
  },
  {
    title: 'network',
    lines: [
      ['networkReceiveBytesPerSecond', 'received'],
      ['networkTransmitBytesPerSecond', 'sent'],
    ],
  },
  {
    title: 'disk',
    lines: [
      ['diskReadBytesPerSecond', 'read'],
      ['diskWriteBytesPerSecond', 'written'],
    ],
  },
  {
    title: 'filesystem',
    lines: [
      ['filesystemUsedBytes', 'used'],
      ['filesystemTotalBytes', 'total'],
    ],
  },
];

/** For a closer look. */
export const nodeDetailCharts: readonly ChartDefinition<HostMetric>[] = [
  {
    title: 'cpuModes',
    lines: [
      ['cpuUserPercent', 'user'],
      ['cpuSystemPercent', 'system'],
      ['cpuIowaitPercent', 'iowait'],
      ['cpuStealPercent', 'steal'],
    ],
    max: PERCENT_MAX,
  },
  {
    title: 'pressure',
    lines: [
      ['pressureCpuPercent', 'cpu'],
      ['pressureMemoryPercent', 'memory'],
      ['pressureIoPercent', 'disk'],
    ],
    max: PERCENT_MAX,
  },
  { title: 'diskBusy', lines: [['diskBusyPercent']], max: PERCENT_MAX },
  {
    title: 'filesystemFullest',
    lines: [
      ['filesystemFullestPercent', 'space'],
      ['filesystemInodesFullestPercent', 'inodes'],
    ],
    max: PERCENT_MAX,
  },
  {
    title: 'swap',
    lines: [
      ['swapUsedBytes', 'used'],
      ['swapTotalBytes', 'total'],
    ],
  },
  {
    title: 'networkProblems',
    lines: [
      ['networkErrorsPerSecond', 'errors'],
      ['networkDropsPerSecond', 'drops'],
    ],
  },
  { title: 'temperature', lines: [['temperatureCelsius']] },
  { title: 'agent', lines: [['agentMemoryBytes', 'memory']] },
  { title: 'spool', lines: [['spoolBytes']] },
];

export const containerCharts: readonly ChartDefinition<ContainerMetric>[] = [
  { title: 'cpu', lines: [['cpuPercent']] },
  {
    title: 'memory',
    lines: [
      ['memoryBytes', 'used'],
      ['memoryLimitBytes', 'limit'],
    ],
  },
  {
    title: 'network',
    lines: [
      ['networkReceiveBytesPerSecond', 'received'],
      ['networkTransmitBytesPerSecond', 'sent'],
    ],
  },
  {
    title: 'blockIo',
    lines: [
      ['blockReadBytesPerSecond', 'read'],
      ['blockWriteBytesPerSecond', 'written'],
    ],
  },
  { title: 'pids', lines: [['pids']] },
  { title: 'restarts', lines: [['restarts']] },
];

/** What nodes are compared by; a share where nodes differ in size. */
export const comparedNodeCharts: readonly ChartDefinition<HostMetric | 'memoryPercent'>[] = [
  { title: 'cpu', lines: [['cpuPercent']], max: PERCENT_MAX },
  { title: 'memory', lines: [['memoryPercent']], max: PERCENT_MAX },
  { title: 'load', lines: [['load1', 'load1']] },
  { title: 'filesystemFullest', lines: [['filesystemFullestPercent']], max: PERCENT_MAX },
  {
    title: 'network',
    lines: [
      ['networkReceiveBytesPerSecond', 'received'],
      ['networkTransmitBytesPerSecond', 'sent'],
    ],
  },
  {
    title: 'disk',
    lines: [
      ['diskReadBytesPerSecond', 'read'],
      ['diskWriteBytesPerSecond', 'written'],
    ],
  },
  { title: 'diskBusy', lines: [['diskBusyPercent']], max: PERCENT_MAX },
];

/** The containers of a service, in two questions: the API answers up to 50 containers with four figures each. */
export const serviceCharts: readonly ChartDefinition<ContainerMetric>[] = [
  { title: 'cpu', lines: [['cpuPercent']] },
  { title: 'memory', lines: [['memoryBytes']] },
  {
    title: 'network',
    lines: [
      ['networkReceiveBytesPerSecond', 'received'],
      ['networkTransmitBytesPerSecond', 'sent'],
    ],
  },
];
export const serviceDetailCharts: readonly ChartDefinition<ContainerMetric>[] = [
  {
    title: 'blockIo',
    lines: [
      ['blockReadBytesPerSecond', 'read'],
      ['blockWriteBytesPerSecond', 'written'],
    ],
  },
  { title: 'pids', lines: [['pids']] },
  { title: 'restarts', lines: [['restarts']] },
];

/** The figures of charts, as a query asks for them. */
export function listMetrics(charts: readonly ChartDefinition<string>[]): string {
  return charts.flatMap(({ lines }) => lines.map(([metric]) => metric)).join(',');
}
