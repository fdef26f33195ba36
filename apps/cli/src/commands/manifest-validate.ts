import { existsSync, statSync } from 'node:fs';
import { MANIFEST_FILE, type ManifestProblem, validateManifest } from '@pixelis/artifacts';
import { DataError, EXIT_CODES, PixelisError } from '@pixelis/core';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { runFolder } from '../run-folder';
import { validateSweepManifest } from '../sweep-manifest';

/** What is wrong with one manifest and what it names. */
interface Finding {
  path: string;
  isValid: boolean;
  problems: readonly ManifestProblem[];
}

/** `pixelis manifest validate` */
export const manifestValidate = defineCommand({
  words: [
    {
      placeholder: 'PATH',
      help: 'A manifest.json of a run or a sweep, or its folder; or a run by its id or latest',
      isRequired: true,
      isRepeatable: true,
    },
  ],
  options: {},
  needsRoot: false,
  async run({ words, root }, output) {
    const findings: Finding[] = [];
    const failures: PixelisError[] = [];
    for (const word of words) {
      try {
        findings.push(await check(placeOf(root, word)));
      } catch (error) {
        // What cannot be read at all must not hide what is wrong with the others.
        if (!(error instanceof PixelisError)) throw error;
        failures.push(error);
      }
    }
    if (findings.length > 0)
      output.print({ json: findings.map(asJson), text: findings.map(describe).join('\n') });
    const [failure, ...more] = failures;
    for (const { message, remedy } of more) output.note(`${message}. ${remedy}`);
    if (failure !== undefined) throw failure;
    return findings.every(({ isValid }) => isValid) ? undefined : EXIT_CODES.integrity;
  },
});

/** What is there is meant as a path, and so is what only a path can be. */
function placeOf(root: string, word: string): string {
  return existsSync(word) || word.endsWith('.json') ? word : runFolder(root, word);
}

async function check(path: string): Promise<Finding> {
  try {
    const problems = (await validateSweepManifest(path)) ?? (await validateManifest(path));
    return { path, isValid: problems.length === 0, problems };
  } catch (error) {
    if (error instanceof DataError && error.code === 'PATH_MISSING')
      throw missingError(path, error);
    throw error;
  }
}

function missingError(path: string, cause: DataError): DataError {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    return new DataError(
      `The folder ${path} holds no ${MANIFEST_FILE}, which only a complete run and a finished sweep have`,
      {
        code: 'MANIFEST_MISSING',
        remedy:
          'Give another folder, or resume what is in it until it is complete; pixelis runs list shows how runs stand.',
        cause,
      },
    );
  return new DataError(`There is no manifest ${path}`, {
    code: 'MANIFEST_MISSING',
    remedy:
      'Give the manifest.json of a run or a sweep, its folder, or the id of a run; pixelis runs list shows the runs.',
    cause,
  });
}

function describe({ path, isValid, problems }: Finding): string {
  if (isValid) return `${path}: valid`;
  return problems
    .map((problem) => `${path}: ${oneLine(problem.path)}: ${oneLine(problem.message)}`)
    .join('\n');
}

/** The name of a file may hold anything. */
function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f]/g, (character) => JSON.stringify(character).slice(1, -1));
}
