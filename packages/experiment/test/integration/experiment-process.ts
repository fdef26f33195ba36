import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An `experiment.cjs` that runs, with the lines that it prints. */
export class ExperimentProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  #onLine: () => void = () => undefined;

  constructor(root: string, behaviour: string) {
    const script = join(__dirname, 'experiment.cjs');
    const child = spawn(process.execPath, [script, root, behaviour], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#onLine();
    });
    this.ended = new Promise((resolve) =>
      child.once('close', (code, signal) => {
        resolve({ code, signal });
        this.#onLine();
      }),
    );
  }

  /** Resolves with the rest of the lines that begin so, as soon as there are so many. */
  async said(beginning: string, count = 1): Promise<string[]> {
    for (;;) {
      const found = this.lines.filter((line) => line.startsWith(beginning));
      if (found.length >= count) return found.map((line) => line.slice(beginning.length).trim());
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the process ended without a line ${beginning}`);
      await new Promise<void>((resolve) => {
        this.#onLine = resolve;
      });
    }
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Lets a process that waits go on. */
  release(): void {
    this.#child.stdin?.end();
  }
}
