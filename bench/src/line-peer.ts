import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { EnvironmentError, EXIT_CODES, UsageError } from '@pixelis/core';
import { z } from 'zod';

/** How a peer's process is started. */
export interface LinePeerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What to do when the program cannot be started. */
  readonly remedy: string;
}

interface Connection {
  readonly greeting: string;
  readonly lines: AsyncIterator<string>;
  readonly reader: Interface;
}

const numbers = z.array(z.number());
const failure = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    exit_code: z.int(),
  }),
});

/** A process that prints a line when it is ready, and answers each line that it reads by one of numbers in JSON. */
export class LinePeer {
  /** What it printed when it was ready, as text. */
  readonly description: string;
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;

  private constructor(
    private readonly process: ChildProcessWithoutNullStreams,
    { greeting, lines, reader }: Connection,
  ) {
    const said: unknown = JSON.parse(greeting);
    this.description = typeof said === 'string' ? said : greeting;
    this.lines = lines;
    this.reader = reader;
  }

  /** @throws {EnvironmentError} `PEER_MISSING` if it does not start, or what it says itself in JSON as `{"error": …}`. */
  static async start({ program, args, environment, remedy }: LinePeerCommand): Promise<LinePeer> {
    const child = spawn(program, args, { env: { ...process.env, ...environment } });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    child.on('error', (error) => (errors += error.message));
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const ready = await lines.next();
    if (ready.done === true) {
      throw new EnvironmentError(`${program} does not start: ${lastLine(errors)}`, {
        code: 'PEER_MISSING',
        remedy,
      });
    }
    throwFailure(ready.value);
    return new LinePeer(child, { greeting: ready.value, lines, reader });
  }

  /** @throws {Error} If the process ends instead of answering. */
  async ask(question: string): Promise<number[]> {
    this.process.stdin.write(`${question}\n`);
    const answer = await this.lines.next();
    if (answer.done === true) throw new Error('the other side has stopped');
    throwFailure(answer.value);
    return numbers.parse(JSON.parse(answer.value));
  }

  /** Takes steps; the milliseconds of each. */
  steps(count: number): Promise<number[]> {
    return this.ask(String(count));
  }

  stop(): void {
    this.process.stdin.end();
    this.reader.close();
  }
}

/** A failure that the other side has put into words. */
function throwFailure(line: string): void {
  const { success, data } = failure.safeParse(JSON.parse(line));
  if (!success) return;
  const { message, code, remedy, exit_code: exitCode } = data.error;
  if (exitCode === EXIT_CODES.environment) throw new EnvironmentError(message, { code, remedy });
  if (exitCode === EXIT_CODES.usage) throw new UsageError(message, { code, remedy });
  throw new Error(message);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
