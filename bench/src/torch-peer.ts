import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { EnvironmentError } from '@pixelis/core';
import { z } from 'zod';
import type { VitModel } from './vit-models';

const SCRIPT = join(__dirname, '..', 'torch', 'vit_step.py');
const numbers = z.array(z.number());

/** PyTorch in a process of its own, which takes steps when it is told to. */
export class TorchPeer {
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly process: ChildProcessWithoutNullStreams,
    private readonly reader: Interface,
  ) {
    this.lines = reader[Symbol.asyncIterator]();
  }

  /** @throws {EnvironmentError} If Python or PyTorch is not there; `PIXELIS_PYTHON` names another Python. */
  static async start({ config, batch }: VitModel, threads: number): Promise<TorchPeer> {
    const python = process.env['PIXELIS_PYTHON'] ?? 'python3';
    const sizes = [config.dim, config.layers, config.patches + 1, batch, threads];
    const child = spawn(python, [SCRIPT, ...sizes.map(String)]);
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    child.on('error', (error) => (errors += error.message));
    const peer = new TorchPeer(child, createInterface({ input: child.stdout }));
    const ready = await peer.lines.next();
    if (ready.done === true) {
      throw new EnvironmentError(`PyTorch does not start with ${python}: ${lastLine(errors)}`, {
        code: 'TORCH_MISSING',
        remedy:
          'pip install torch==2.13.0, and name its Python by PIXELIS_PYTHON, or use --no-torch',
      });
    }
    return peer;
  }

  /** Takes steps; the milliseconds of each. */
  async steps(count: number): Promise<number[]> {
    return this.ask(String(count));
  }

  /** Resident bytes before the model was made, and the highest since. */
  async memory(): Promise<{ before: number; peak: number }> {
    const [before = NaN, peak = NaN] = await this.ask('memory');
    return { before, peak };
  }

  stop(): void {
    this.process.stdin.end();
    this.reader.close();
  }

  private async ask(question: string): Promise<number[]> {
    this.process.stdin.write(`${question}\n`);
    const answer = await this.lines.next();
    if (answer.done === true) throw new Error('PyTorch has stopped');
    return numbers.parse(JSON.parse(answer.value));
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
