import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a `catalog-writer.cjs` was promised. */
export interface Promised {
  kind: 'ready' | 'run' | 'put' | 'used' | 'alias' | 'failed';
  name?: string;
  version?: string;
  digest?: string;
  isNew?: boolean;
  alias?: string;
  runUuid?: string;
  status?: string;
  message?: string;
}

/** A `catalog-writer.cjs` that runs. */
export class CatalogWriterProcess {
  readonly promised: Promised[] = [];
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  #onPromise: () => void = () => undefined;
  readonly #ended: Promise<number | null>;

  constructor(root: string, { writer, count }: { writer: string; count: number }) {
    const script = join(__dirname, 'catalog-writer.cjs');
    this.#child = spawn(process.execPath, [script, root, writer, String(count)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const reader = createInterface({ input: this.#child.stdout! });
    this.ready = new Promise((resolve) => {
      reader.on('line', (line) => {
        // A line that a kill tore promised nothing.
        const promised = parse(line);
        if (promised?.kind === 'ready') resolve();
        else if (promised !== null) this.promised.push(promised);
        this.#onPromise();
      });
    });
    this.#ended = Promise.all([
      new Promise<number | null>((resolve) => this.#child.once('close', resolve)),
      new Promise((resolve) => reader.once('close', resolve)),
    ]).then(([code]) => code);
  }

  get isEnded(): boolean {
    return this.#child.exitCode !== null;
  }

  begin(): void {
    this.#child.stdin?.end('begin\n');
  }

  /** Resolves when it was promised so many facts, or has ended. */
  async promises(count: number): Promise<void> {
    void this.#ended.then(() => this.#onPromise());
    while (this.promised.length < count && this.#child.exitCode === null) {
      await new Promise<void>((resolve) => {
        this.#onPromise = resolve;
      });
    }
  }

  /** The exit code; null if it was killed. */
  async end(): Promise<number | null> {
    return this.#ended;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

function parse(line: string): Promised | null {
  try {
    return JSON.parse(line) as Promised;
  } catch {
    return null;
  }
}
