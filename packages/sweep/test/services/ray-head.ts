import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const START_MS = 120_000;
const STOP_MS = 30_000;

/** A Ray cluster of one node, of its own, on this machine. */
export class RayHead {
  readonly address: string;
  /** Short, since Ray puts sockets into it. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'ray-'));
  readonly #child: ChildProcess;
  #output = '';

  private constructor(ports: readonly number[], cpus: number) {
    const [gcs, dashboard, agent, agentGrpc, client, metrics] = ports;
    this.address = `http://127.0.0.1:${dashboard}`;
    const program = join(process.env['PIXELIS_SERVICES'] ?? '', 'ray', 'bin', 'ray');
    if (!existsSync(program)) throw new Error(`${program} is missing: run npm run test:services`);
    const options = {
      port: gcs,
      'node-ip-address': '127.0.0.1',
      'dashboard-host': '127.0.0.1',
      'dashboard-port': dashboard,
      'dashboard-agent-listen-port': agent,
      'dashboard-agent-grpc-port': agentGrpc,
      'ray-client-server-port': client,
      'metrics-export-port': metrics,
      'num-cpus': cpus,
      'object-store-memory': 100_000_000,
      'temp-dir': this.#folder,
    };
    const words = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.#child = spawn(
      program,
      ['start', '--head', '--block', '--disable-usage-stats', ...words],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        // A full machine is no reason to kill a trial of a few megabytes.
        env: { ...process.env, RAY_memory_monitor_refresh_ms: '0' },
      },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => (this.#output += text.toString()));
    }
  }

  static async start({ cpus }: { cpus: number }): Promise<RayHead> {
    const head = new RayHead(await freePorts(6), cpus);
    for (let waitedMs = 0; waitedMs < START_MS && head.#child.exitCode === null; waitedMs += 200) {
      const answer = await fetch(`${head.address}/api/jobs/`).catch(() => null);
      if (answer?.ok === true) return head;
      await wait(200);
    }
    await head.stop();
    throw new Error(`ray did not start:\n${head.#output}`);
  }

  /** Ends every process of the cluster; no other one of this machine, as `ray stop` would. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await Promise.race([ended, wait(STOP_MS, undefined, { ref: false })]);
    }
    for (let waitedMs = 0; this.processes().length > 0 && waitedMs < STOP_MS; waitedMs += 200) {
      await wait(200);
    }
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Numbers of all processes of the cluster, which name its folder in their arguments or their environment. */
  processes(): number[] {
    const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return numbers.map(Number).filter((pid) => {
      return ['cmdline', 'environ'].some((file) =>
        read(`/proc/${pid}/${file}`).includes(this.#folder),
      );
    });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(async (server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  return ports;
}
