import { fitLines } from '@pixelis/config';
import type {
  BackendProbe,
  InstallationProbe,
  MachineProbe,
  NativeCacheProbe,
  ToolProbe,
} from '@pixelis/training';
import { formatBytes, formatCount } from '../format';

/** What `pixelis doctor` found. */
export interface DoctorReport {
  readonly machine: MachineProbe;
  readonly tools: readonly ToolProbe[];
  readonly nativeCache: NativeCacheProbe;
  readonly backends: readonly BackendProbe[];
}

const WIDTH = 80;

/** The report for people: lines of at most 80 characters, but for a word that is longer. */
export function doctorLines({ machine, tools, nativeCache, backends }: DoctorReport): string {
  return [
    'machine',
    ...machineRows(machine).map(row),
    '',
    'tools',
    ...tools.map(toolRow).map(row),
    '',
    'native libraries',
    ...nativeRows(nativeCache).map(row),
    '',
    'backends',
    ...backends.flatMap(backendRows).map(row),
  ].join('\n');
}

type Row = readonly [string, string];

const NAME_WIDTH = 11;

function row([name, text]: Row): string {
  return fitLines(`  ${name.padEnd(NAME_WIDTH)}  ${text}`, WIDTH);
}

function machineRows({ node, platform, arch, libc, cpu, memory, container, nvidia }: MachineProbe) {
  const memoryLimit = memory.limitBytes === null ? null : formatBytes(memory.limitBytes);
  const threads = `${cpu.model ?? 'unknown'}, ${formatCount(cpu.threads, 'thread')}`;
  const { devices, driver } = nvidia;
  return [
    ['Node.js', node.isSupported ? node.version : `${node.version}: needs 20.19 or later`],
    ['system', [`${platform} ${arch}`, libc, container].filter(Boolean).join(', ')],
    ['processor', limited(threads, cpu.limit)],
    ['memory', limited(formatBytes(memory.bytes), memoryLimit)],
    [
      'NVIDIA GPU',
      devices.length === 0
        ? 'none that nvidia-smi shows'
        : `${devices.join(', ')}; driver ${driver ?? 'unknown'}`,
    ],
  ] satisfies Row[];
}

function limited(amount: string, limit: number | string | null): string {
  return limit === null ? amount : `${amount}, limited to ${limit}`;
}

function toolRow({ name, purpose, version, remedy }: ToolProbe): Row {
  if (version !== null) return [name, version];
  return [name, `missing, needed ${purpose} only: ${remedy ?? ''}`];
}

function nativeRows({ directory, installations, packageBinary }: NativeCacheProbe): Row[] {
  return [
    ['cache', directory],
    ...installations.map(installationRow),
    ...(packageBinary === null ? [] : [['package', packageBinary] satisfies Row]),
  ];
}

function installationRow({ variant, tensorflowVersion, bytes, problem }: InstallationProbe): Row {
  if (problem !== null) return [variant, `${problem.message}: ${problem.remedy}`];
  return [variant, `TensorFlow ${tensorflowVersion ?? 'unknown'}, ${formatBytes(bytes ?? 0)}`];
}

function backendRows({ name, facts, problem }: BackendProbe): Row[] {
  if (facts !== null) return [[name, `works: ${facts.description}`]];
  if (problem === null) return [[name, 'does not work']];
  return [
    [name, `does not work: ${problem.message}`],
    ['', `do: ${problem.remedy}`],
  ];
}
