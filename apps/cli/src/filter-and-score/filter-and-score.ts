import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { type ArtifactSource, datasetName, type PutArtifact } from '@pixelis/artifacts';
import {
  DataError,
  explainSystemError,
  type JsonValue,
  UsageError,
  writeFileAtomic,
} from '@pixelis/core';
import {
  type QualitySummary,
  type ScoredRecord,
  scoreTrajectories,
  summariseQuality,
} from '@pixelis/data';
import { withExperiment } from '@pixelis/experiment';
import { readRecords, recordsText } from './records-file';
import { scoreImages } from './score-images';

/** What {@link filterAndScore} does. */
export interface FilterAndScoreOptions {
  readonly root: string;
  /** Records (JSON or JSON Lines), or a folder of pictures for the type `images`. */
  readonly input: string;
  /** Where the kept examples are listed, with their scores. */
  readonly output: string;
  /** The data set is the artifact `dataset-<name>_<type>-<version>`. */
  readonly name: string;
  readonly type: string;
  readonly version: string;
  /** From 0 to 1. */
  readonly minimumScore: number;
  readonly warn: (message: string) => void;
}

/** What came of it. */
export interface FilteredDataset {
  readonly artifact: PutArtifact;
  readonly summary: QualitySummary;
  readonly runId: string;
}

/** An example that was kept, and the file that belongs to it, for pictures. */
interface Kept {
  readonly listed: JsonValue;
  readonly file: { readonly path: string; readonly source: string } | null;
}

/**
 * Scores every example of a data set, keeps those that are good enough, and records them as a new version of a data set,
 * made from the input, in a run of its own.
 *
 * @throws {DataError} If the input cannot be read, the output not be written, or nothing is good enough; nothing is recorded then.
 */
export async function filterAndScore(options: FilterAndScoreOptions): Promise<FilteredDataset> {
  const { root, input, output, name, type, version, minimumScore } = options;
  requireOther(input, output);
  requireWritable(output);
  const isImages = type === 'images';
  const scored: readonly ScoredRecord<unknown>[] = isImages
    ? await scoreImages(input)
    : scoreTrajectories(readRecords(input));
  const summary = summariseQuality(scored, minimumScore);
  if (summary.kept === 0) throw nothingKeptError(summary);
  const kept = scored
    .filter(({ quality }) => quality.score >= minimumScore)
    .map((one) => keptExample(one, isImages ? input : null));
  const parameters = { dataset_name: name, dataset_type: type, min_quality_score: minimumScore };
  return withExperiment(
    {
      root,
      job: 'filter-and-score',
      isNew: true,
      config: { ...parameters, input: basename(input) },
      hardwareIntervalMs: 0,
      warn: options.warn,
    },
    async (run) => {
      const raw = await run.artifacts.put(rawName(input), resolve(input), {
        type: 'dataset',
        isExternal: true,
        metadata: { example_count: summary.count },
      });
      await run.useArtifact(`${raw.name}:${raw.version}`, { role: 'raw_data' });
      const text = recordsText(
        kept.map(({ listed }) => listed),
        output,
      );
      const artifact = await run.logArtifact(
        datasetName(`${name}_${type}`, version),
        contentOf(kept, { text, summary, output }),
        {
          type: 'dataset',
          description: `Examples of quality ${minimumScore} and more, of ${raw.name}`,
          metadata: { ...parameters, example_count: summary.kept, mean_score: summary.meanScore },
        },
      );
      await writeFileAtomic(output, text);
      run.setResults({ 'examples/all': summary.count, 'examples/kept': summary.kept });
      return { artifact, summary, runId: run.runId };
    },
  );
}

/** Before anything is recorded, since what is recorded stays. */
function requireWritable(path: string): void {
  try {
    // As a folder: a file may stand in its place.
    accessSync(`${dirname(path)}${sep}.`, constants.W_OK);
  } catch (error) {
    throw explainSystemError(error, { action: 'write', path }) ?? error;
  }
  if (!existsSync(path) || statSync(path).isFile()) return;
  throw new DataError(`cannot write ${path}: a folder stands there`, {
    code: 'PATH_UNWRITABLE',
    remedy: 'Choose another file with --output.',
  });
}

function keptExample({ item, quality }: ScoredRecord<unknown>, folder: string | null): Kept {
  const fields = isFields(item) ? item : {};
  const listed = {
    ...fields,
    quality_score: quality.score,
    quality_components: { ...quality.components },
  };
  const path = fields['path'];
  const isFile = folder !== null && typeof path === 'string';
  return { listed, file: isFile ? { path, source: join(folder, path) } : null };
}

function contentOf(
  kept: readonly Kept[],
  { text, summary, output }: { text: string; summary: QualitySummary; output: string },
): ArtifactSource {
  const encoder = new TextEncoder();
  const { count, kept: keptCount, duplicates, minimumScore, meanScore, histogram } = summary;
  const quality = {
    count,
    kept: keptCount,
    duplicates,
    min_quality_score: minimumScore,
    mean_score: meanScore,
    histogram,
  };
  const files = kept.flatMap(({ file }) =>
    file === null ? [] : [[`images/${file.path}`, { file: file.source }] as const],
  );
  return {
    [`data${extname(output) === '.json' ? '.json' : '.jsonl'}`]: encoder.encode(text),
    'quality.json': encoder.encode(`${JSON.stringify(quality, null, 2)}\n`),
    ...Object.fromEntries(files),
  };
}

/** `dataset-<file name>-raw`; a folder has no extension to leave out. */
function rawName(input: string): string {
  const path = resolve(input);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const stem = basename(path, isFolder ? '' : extname(path)).replace(/[^A-Za-z0-9_.-]+/g, '_');
  return datasetName(/^[A-Za-z0-9]/.test(stem) ? stem : `data${stem}`, 'raw');
}

function isFields(item: unknown): item is Readonly<Record<string, JsonValue>> {
  return typeof item === 'object' && item !== null;
}

function nothingKeptError({ count, minimumScore, meanScore }: QualitySummary): DataError {
  const mean = meanScore === null ? '' : `, the mean score is ${meanScore.toFixed(3)}`;
  return new DataError(`None of ${count} examples has a quality of ${minimumScore}${mean}`, {
    code: 'DATASET_EMPTY',
    remedy: 'Lower --min-quality-score, or mend the data.',
  });
}

/** The raw data must stay as they are. */
function requireOther(input: string, output: string): void {
  const [from, to] = [resolve(input), resolve(output)];
  if (to !== from && !to.startsWith(`${from}${sep}`)) return;
  throw new UsageError(`The output ${output} would overwrite the input`, {
    code: 'OUTPUT_IS_INPUT',
    remedy: 'Give --output another file, outside the input.',
  });
}
