import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import type { Parameters } from '@pixelis/sweep';
import { z } from 'zod';

import type { Objective } from './objectives';

/** Compiled, this file lies in out-tsc/spec/bench. */
const SCRIPT = join(__dirname, '../../../bench/optuna_peer.py');

const version = z.string();
const points = z.array(z.record(z.string(), z.json()));

/** How one search is run. */
export interface SearchOptions {
  readonly trials: number;
  readonly generationSize: number;
  readonly seed: number;
}

/** A process that runs Optuna beside us. */
export class OptunaPeer {
  readonly #process = spawn(process.env['PIXELIS_PYTHON'] ?? 'python3', [SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  readonly #lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();

  /** Must be called once, first. */
  async version(): Promise<string> {
    return version.parse(await this.#receive());
  }

  /** The values of all trials, in order. */
  async search(objective: Objective, options: SearchOptions): Promise<number[]> {
    const { trials, generationSize, seed } = options;
    this.#send({ space: objective.space, trials, generation_size: generationSize, seed });
    const all: number[] = [];
    while (all.length < trials) {
      const asked: Parameters[] = points.parse(await this.#receive());
      const values = asked.map((point) => objective.valueAt(point));
      this.#send(values);
      all.push(...values);
    }
    return all;
  }

  close(): void {
    this.#process.stdin.end();
  }

  #send(value: unknown): void {
    this.#process.stdin.write(`${JSON.stringify(value)}\n`);
  }

  async #receive(): Promise<unknown> {
    const line: IteratorResult<string, unknown> = await this.#lines.next();
    if (line.done === true) {
      throw new Error(
        'Optuna has ended: pip install optuna, and name its Python by PIXELIS_PYTHON',
      );
    }
    return JSON.parse(line.value);
  }
}
