import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** What the node has, whatever the machine has. */
const CPUS = 4;
const DAEMONS = ['slurmd', 'slurmctld', 'munged'] as const;

/** A cluster of one node, this machine, with munge, ports and folders of its own. */
export class SlurmCluster {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts all of it, and lets the programs of Slurm in this process's environment speak to it. */
  static async start(): Promise<SlurmCluster> {
    const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter((name) => !isThere(name));
    if (missing.length > 0) {
      throw new Error(`${missing.join(', ')} is missing: run npm run test:services`);
    }
    const folder = mkdtempSync(join(tmpdir(), 'pixelis-slurm-'));
    const cluster = new SlurmCluster(folder);
    // The programs of any user speak to munge through a socket in it.
    chmodSync(folder, 0o755);
    for (const name of ['state', 'spool']) mkdirSync(join(folder, name));
    const [controllerPort = 0, nodePort = 0] = await freePorts(2);
    writeFileSync(cluster.#path('slurm.conf'), configuration({ folder, controllerPort, nodePort }));
    process.env['SLURM_CONF'] = cluster.#path('slurm.conf');
    try {
      cluster.#startMunge();
      cluster.startController();
      asRoot('slurmd', ['-f', cluster.#path('slurm.conf')]);
      await until(
        'the node is idle',
        async () => (await ask('sinfo', '-h', '-o', '%T')) === 'idle',
      );
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  startController(): void {
    asRoot('slurmctld', ['-f', this.#path('slurm.conf')]);
  }

  /** As if the machine that runs it were lost. */
  async stopController(): Promise<void> {
    await this.#end('slurmctld');
  }

  /** Ends the jobs, the daemons and all that they left. */
  async stop(): Promise<void> {
    if (this.#pidOf('slurmctld') !== undefined) {
      await ask('scancel', '--state=PENDING', '--partition=main').catch(() => undefined);
      await ask('scancel', '--partition=main').catch(() => undefined);
      await until('no job is left', async () => (await ask('squeue', '-h')) === '');
    }
    for (const name of DAEMONS) await this.#end(name);
    asRoot('rm', ['-rf', this.#folder]);
    delete process.env['SLURM_CONF'];
  }

  #startMunge(): void {
    const path = (name: string) => this.#path(`munge.${name}`);
    // The key must be that of who runs munged.
    asRoot('sh', ['-c', 'umask 077; head -c 1024 /dev/urandom > "$0"', path('key')]);
    asRoot('munged', [
      ...['--force', `--key-file=${path('key')}`, `--socket=${path('socket')}`],
      ...[`--pid-file=${this.#path('munged.pid')}`, `--log-file=${path('log')}`],
      ...[`--seed-file=${path('seed')}`],
    ]);
  }

  async #end(name: (typeof DAEMONS)[number]): Promise<void> {
    const pid = this.#pidOf(name);
    if (pid === undefined) return;
    asRoot('kill', ['-TERM', String(pid)]);
    await until(`${name} has ended`, () => !isAlive(pid));
    asRoot('rm', ['-f', this.#path(`${name}.pid`)]);
  }

  #pidOf(name: string): number | undefined {
    const path = this.#path(`${name}.pid`);
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

/** What a program of Slurm prints, without the blanks around it. */
export async function ask(program: string, ...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, words, { env: process.env });
  return stdout.trim();
}

/** Waits until something is so, for two minutes at most. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt++) {
    if (await isSo()) return;
    await wait(100);
  }
  throw new Error(`waited in vain until ${what}`);
}

function configuration(settings: {
  folder: string;
  controllerPort: number;
  nodePort: number;
}): string {
  const { folder, controllerPort, nodePort } = settings;
  const [host = ''] = hostname().split('.');
  return `ClusterName=pixelis
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# How long a task that is put back into the queue waits there is the life of a credential, in seconds.
AuthInfo=socket=${folder}/munge.socket,cred_expire=5
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/builtin
# A task that may start is not left to wait, in seconds and microseconds.
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=100000
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${CPUS} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=closed Nodes=ALL State=DOWN
`;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The daemons' folder is not on every user's path. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
}

/** Where nobody waits for it, a process that has ended stays in the list of processes. */
function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/status`;
  return existsSync(path) && !/^State:\s+Z/m.test(readFileSync(path, 'utf8'));
}

function isThere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { env: environment(), stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function asRoot(program: string, words: readonly string[]): void {
  const isRoot = process.getuid?.() === 0;
  const [first, ...rest] = isRoot ? [program, ...words] : ['sudo', '-n', program, ...words];
  // What a daemon says later must not keep this process waiting.
  execFileSync(first, rest, { env: environment(), stdio: ['ignore', 'ignore', 'inherit'] });
}
