import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A task of a job array in the queue. */
interface FakeTask {
  readonly job: number;
  readonly index: number;
  readonly state: string;
  readonly name: string;
  readonly reason: string;
}

/** What a program says at one call. */
export interface FakeAnswer {
  readonly exitCode: number;
  readonly stderr: string;
  /** Whether it does its work all the same. */
  readonly does?: boolean;
}

const PROGRAMS = ['sbatch', 'squeue', 'scancel', 'scontrol'];
const SOURCE = join(__dirname, 'fake-slurm.cjs');

/** Programs of Slurm that only say so, in front of all others on the path. For systems with a shell. */
export class FakeSlurm {
  readonly environment: NodeJS.ProcessEnv;
  readonly #folder: string;

  /** @param folder Empty. */
  constructor(folder: string) {
    this.#folder = folder;
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    for (const name of PROGRAMS) {
      const path = join(programs, name);
      const program = `exec '${process.execPath}' '${SOURCE}' ${name} "$@"`;
      writeFileSync(path, name === 'squeue' ? quickly(program) : `#!/bin/sh\n${program}\n`);
      chmodSync(path, 0o755);
    }
    this.environment = {
      FAKE_SLURM: folder,
      PATH: `${programs}:${process.env['PATH'] ?? ''}`,
    };
  }

  /** As on a machine without it. */
  remove(...names: string[]): void {
    for (const name of names) rmSync(join(this.#folder, 'programs', name));
  }

  /** What programs say at their next calls. */
  answer(answers: Readonly<Record<string, readonly FakeAnswer[]>>): void {
    this.#write('answers.json', JSON.stringify(answers));
  }

  /** The words that a program was called with, call after call. */
  calls(program: string): string[][] {
    const all = this.#read('calls.jsonl')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as string[]);
    return all.filter(([name]) => name === program).map(([, ...words]) => words);
  }

  get queue(): FakeTask[] {
    return JSON.parse(this.#read('queue.json') || '[]') as FakeTask[];
  }

  /** Changes tasks by their indexes; those for which null is given have left the queue. */
  change(index: number, task: Partial<FakeTask> | null): void {
    const queue = this.queue.flatMap((one) => {
      if (one.index !== index) return [one];
      return task === null ? [] : [{ ...one, ...task }];
    });
    this.#write(
      'queue.txt',
      queue
        .map(
          ({ job, index, state, name, reason }) =>
            `${[job, index, state, name, reason].join('|')}\n`,
        )
        .join(''),
    );
    this.#write('queue.json', JSON.stringify(queue));
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.#folder, name), 'utf8');
    } catch {
      return '';
    }
  }

  #write(name: string, text: string): void {
    const path = join(this.#folder, name);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }
}

/** Asked so often that it does without Node while there is nothing particular to say. */
function quickly(program: string): string {
  return `#!/bin/sh
[ -e "$FAKE_SLURM/answers.json" ] && ${program}
echo '["squeue"]' >> "$FAKE_SLURM/calls.jsonl"
if [ -e "$FAKE_SLURM/queue.txt" ]; then cat "$FAKE_SLURM/queue.txt"; fi
`;
}
