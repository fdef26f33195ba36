import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A program of the services folder. */
export function serviceProgram(...path: string[]): string {
  const program = join(process.env['PIXELIS_SERVICES'] ?? '', ...path);
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run test:services`);
  return program;
}

/** Ports of this machine that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A server of another's making, with all processes that it starts. */
export class ServiceProcess {
  readonly #start: () => ChildProcess;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(program: string, programArguments: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#start = () =>
      spawn(program, programArguments, {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
      });
  }

  /** Starts it, and resolves when `isReady` says so. */
  async start(isReady: () => Promise<boolean>): Promise<void> {
    const child = this.#start();
    this.#child = child;
    this.#output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on(
        'data',
        (text: Buffer) => (this.#output = (this.#output + text.toString()).slice(-8000)),
      );
    }
    for (let attempt = 0; attempt < 600; attempt++) {
      if (child.exitCode !== null) break;
      if (await isReady().catch(() => false)) return;
      await wait(200);
    }
    throw new Error(`the server did not start:\n${this.#output}`);
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    // Its own children end a moment later, and may write until then.
    while (isAlive(-child.pid)) await wait(20);
  }
}

function isAlive(group: number): boolean {
  try {
    process.kill(group, 0);
    return true;
  } catch {
    return false;
  }
}

/** What a program prints. */
export function outputOf(program: string, programArguments: readonly string[]): string {
  return execFileSync(program, programArguments, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
