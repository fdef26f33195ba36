import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A `trainer.cjs`, or another program, that runs, with the lines that it prints. */
export class TrainerProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #ended: Promise<number | null>;
  #onLine: () => void = () => undefined;

  constructor(
    root: string,
    options: { runId?: string; isHolding?: boolean; program?: string } = {},
  ) {
    const { runId, isHolding = false, program = 'trainer.cjs' } = options;
    const script = join(__dirname, program);
    this.#child = spawn(process.execPath, [script, root, ...(runId === undefined ? [] : [runId])], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, HOLD: isHolding ? '1' : '0' },
    });
    const reader = createInterface({ input: this.#child.stdout! });
    reader.on('line', (line) => {
      this.#lines.push(line);
      this.#onLine();
    });
    this.#ended = new Promise((resolve) =>
      this.#child.once('close', (code) => {
        resolve(code);
        this.#onLine();
      }),
    );
  }

  /** The first line that begins so, as soon as it comes; undefined if the process ends without one. */
  async line(...beginnings: string[]): Promise<string | undefined> {
    for (;;) {
      const found = this.#lines.find((line) => beginnings.some((text) => line.startsWith(text)));
      if (found !== undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
        return found;
      await new Promise<void>((resolve) => {
        this.#onLine = resolve;
      });
    }
  }

  /** The number in the last line that begins so; 0 if there is none. */
  lastNumber(beginning: string): number {
    const line = this.#lines.findLast((text) => text.startsWith(`${beginning} `));
    return Number(line?.slice(beginning.length + 1) ?? 0);
  }

  /** Lets a process that holds go on, and waits for its end. @returns its exit code, null if it was killed. */
  async end(): Promise<number | null> {
    this.#child.stdin?.end();
    return this.#ended;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
