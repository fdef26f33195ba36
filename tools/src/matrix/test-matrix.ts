/**
 * Trains the same small training on every Node.js, processor and number of threads that there are, resumed and not, and
 * compares the bits. It prints a table as it goes and ends with the one SHA-256, or with status 1 if two differ.
 *
 * `--write` puts the table into `docs/determinism.md`; without it, the document must hold it already.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../workspace';
import { type Matrix, matrixHere } from './matrix-here';
import type { MatrixRow } from './matrix-rows';
import { matrixSection, replaceSection, tableLine } from './matrix-table';
import { nodeProgram, pinnedVersions } from './node-programs';
import { digestOf, firstDifference, type TrainingDigests, trainSmall } from './small-training';

const DOCUMENT = 'docs/determinism.md';

async function main(words: readonly string[]): Promise<number> {
  if (words.some((word) => word !== '--write')) {
    console.error(`error: ${words.join(' ')}: the only option is --write`);
    return 2;
  }
  const { platform, arch, versions } = process;
  const machine = { platform, processor: arch, node: versions.node };
  const matrix = matrixHere(machine, pinnedVersions);
  const { digest, failed } = await runMatrix(matrix);
  if (failed > 0 || digest === undefined) {
    reportCounts(matrix.rows.length - failed, failed);
    console.log(`${failed} of ${matrix.rows.length} trainings failed or differ`);
    return 1;
  }
  const problem = documentProblem(matrix, { digest, isWriting: words.length > 0 });
  const [passed, wrong] = problem === undefined ? [1, 0] : [0, 1];
  reportCounts(matrix.rows.length + passed, wrong);
  console.log(`SHA-256 of all ${matrix.rows.length} trainings: ${digest}`);
  if (problem !== undefined) console.log(`error: ${problem}`);
  return wrong;
}

interface Outcome {
  /** The one SHA-256 that the first training gave; undefined if none succeeded. */
  readonly digest: string | undefined;
  /** Trainings that failed or differ from the first. */
  readonly failed: number;
}

async function runMatrix({ rows, lack }: Matrix): Promise<Outcome> {
  if (lack !== undefined) console.log(`note: on this machine without ${lack}`);
  console.log(`${tableLine(rows)}  seconds  SHA-256`);
  let reference: TrainingDigests | undefined;
  let failed = 0;
  for (const row of rows) {
    const begin = performance.now();
    const result = await trainRow(row);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1).padStart(7);
    let verdict: string;
    let isEqual = false;
    if (typeof result === 'string') {
      verdict = `FAILED: ${result}`;
    } else {
      reference ??= result;
      const difference = firstDifference(reference, result);
      isEqual = difference === undefined;
      const says = difference === undefined ? 'equal' : `DIFFERS, first in ${difference}`;
      verdict = `${digestOf(result).slice(0, 12)}  ${says}`;
    }
    if (!isEqual) failed += 1;
    console.log(`${tableLine(rows, row)}  ${seconds}  ${verdict}`);
  }
  return { digest: reference && digestOf(reference), failed };
}

/** What the training of a row gave, or why it failed. */
async function trainRow({
  place,
  threads,
  flag,
  resumedAt,
}: MatrixRow): Promise<TrainingDigests | string> {
  const out = mkdtempSync(join(tmpdir(), 'pixelis-matrix-'));
  try {
    const program = [...nodeProgram(place), ...(flag === undefined ? [] : [flag])];
    const resumeWith = resumedAt && nodeProgram(resumedAt);
    return await trainSmall(program, { out, threads, resumeWith });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(out, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface DocumentOptions {
  readonly digest: string;
  readonly isWriting: boolean;
}

/** Writes the document, or says what is wrong with it: of a part of the matrix only the SHA-256 must be in it. */
function documentProblem(
  { rows, lack }: Matrix,
  { digest, isWriting }: DocumentOptions,
): string | undefined {
  const path = join(WORKSPACE_ROOT, DOCUMENT);
  const document = readFileSync(path, 'utf8');
  if (lack !== undefined) {
    return document.includes(digest) ? undefined : `${DOCUMENT} names another SHA-256`;
  }
  const expected = replaceSection(document, matrixSection(rows, digest));
  if (expected === document) return undefined;
  if (!isWriting) {
    return `${DOCUMENT} shows other rows or another SHA-256: if that is meant, run npm run test:matrix -- --write`;
  }
  writeFileSync(path, expected);
  console.log(`${DOCUMENT} is written anew`);
  return undefined;
}

/** Adds to what `.ci/run` counts, as the reporter of jest does. */
function reportCounts(passed: number, failed: number): void {
  const path = process.env['PIXELIS_TEST_COUNTS'];
  if (path !== undefined && path !== '') appendFileSync(path, `${passed} ${failed}\n`);
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
