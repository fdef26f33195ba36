import {
  isLaterVersionError,
  listRuns,
  readRunOutcome,
  type RunDetails,
  type RunFilter,
  type RunSummary,
  showRun,
} from '@pixelis/artifacts';
import { type JsonValue, PixelisError, UsageError } from '@pixelis/core';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatDuration, formatMinute, formatNumber } from '../format';
import type { Output } from '../output';
import { requireKnownKeys } from '../require-known-keys';
import type { Column } from '../table';

const ROWS_DEFAULT = 50;
const RESULTS_SHOWN = 3;
/** What runs may be sorted by besides their metrics. */
const SORT_KEYS: readonly string[] = ['created', 'run_id', 'status'];

const columns: readonly Column<RunDetails>[] = [
  { title: 'RUN', value: ({ runId }) => runId, widthMin: 22 },
  { title: 'STATUS', value: ({ status }) => status, widthMin: 9 },
  { title: 'JOB', value: ({ tags }) => tags['job'] ?? '-' },
  { title: 'NAME', value: ({ tags }) => tags['exp_name'] ?? '-' },
  { title: 'CREATED', value: ({ createdAt }) => formatMinute(createdAt), widthMin: 16 },
  {
    title: 'TOOK',
    value: ({ durationS }) => (durationS === null ? '-' : formatDuration(1000 * durationS)),
  },
  { title: 'RESULTS', value: describeResults },
];

/** `pixelis runs list` */
export const runsList = defineCommand({
  words: [
    { placeholder: 'NAME', help: 'Id or name of an experiment; * stands for any characters' },
  ],
  options: {
    status: {
      kind: 'text',
      placeholder: 'STATUS',
      help: 'Only runs that stand so',
      choices: ['RUNNING', 'COMPLETED', 'FAILED'],
      isRepeatable: true,
    },
    tag: {
      kind: 'text',
      placeholder: 'KEY=VALUE',
      help: 'Only runs with this tag',
      isRepeatable: true,
    },
    config: {
      kind: 'text',
      placeholder: 'KEY=VALUE',
      help: 'Only runs of this configuration, such as training.seed=42; also != < <= > >=',
      isRepeatable: true,
    },
    metric: {
      kind: 'text',
      placeholder: 'CONDITION',
      help: "Only runs that came to this, such as 'accuracy/hard>0.8'",
      isRepeatable: true,
    },
    since: {
      kind: 'text',
      placeholder: 'TIME',
      help: 'Only runs created from then on: RFC 3339 or a day',
    },
    before: { kind: 'text', placeholder: 'TIME', help: 'Only runs created before' },
    sort: {
      kind: 'text',
      placeholder: 'KEY',
      help: 'created, run_id, status or a metric; - before it sorts downwards',
      default: '-created',
    },
    limit: {
      kind: 'integer',
      minimum: 1,
      placeholder: 'N',
      help: `How many (default: ${ROWS_DEFAULT} in a table)`,
    },
  },
  run({ words, options, root }, output) {
    const limit = options.number('limit');
    const statuses = options.texts('status').map(statusOf);
    const filter: RunFilter = {
      ...(statuses.length === 0 ? {} : { status: statuses }),
      tags: Object.fromEntries(options.texts('tag').map(parseTag)),
      config: options.texts('config'),
      metrics: options.texts('metric'),
      sort: options.text('sort') ?? '-created',
    };
    const [name] = words;
    const since = options.text('since');
    const before = options.text('before');
    const runs = listRuns(root, {
      ...filter,
      ...(name === undefined ? {} : { name }),
      ...(since === undefined ? {} : { createdSince: since }),
      ...(before === undefined ? {} : { createdBefore: before }),
      ...(limit === undefined ? {} : { limit }),
    });
    const metric = filter.sort?.replace(/^-/, '') ?? '';
    requireKnownKeys(root, {
      // A condition that runs meet is on a key that they have.
      ...(runs.length === 0 ? { config: filter.config, metrics: filter.metrics } : {}),
      ...(SORT_KEYS.includes(metric) ? {} : { sort: metric }),
    });
    if (output.isJson) {
      output.print({ json: runs.map((run) => jsonOf(run, output)), text: '' });
      return Promise.resolve();
    }
    const shown = runs.slice(0, limit ?? ROWS_DEFAULT);
    output.printRows(
      shown.flatMap(({ runId }) => detailsOf(root, { runId, output })),
      { columns, json: asJson, empty: `There are no such runs in ${root}.` },
    );
    if (shown.length < runs.length)
      output.note(`${runs.length - shown.length} more; --limit N shows more`);
    return Promise.resolve();
  },
});

/** Few files are read, so that a list of ten thousand runs is quick. */
function jsonOf({ runId, directory, ...run }: RunSummary, output: Output): JsonValue {
  const { status, createdAt, error } = run;
  const outcome = unlessLater({ runId, output }, () => readRunOutcome(directory));
  const known = outcome ?? { tags: {}, results: {} };
  return asJson({ runId, directory, status, createdAt, error, ...known });
}

/** A damaged run is left out; `pixelis runs audit` tells what is wrong with it. */
function detailsOf(
  root: string,
  { runId, output }: { runId: string; output: Output },
): RunDetails[] {
  try {
    const details = unlessLater({ runId, output }, () => showRun(root, runId));
    return details === null ? [] : [details];
  } catch (error) {
    if (error instanceof PixelisError) return [];
    throw error;
  }
}

/** One run that only a later Pixelis can read does not hide the others, and is not passed over in silence. */
function unlessLater<T>(
  { runId, output }: { runId: string; output: Output },
  read: () => T,
): T | null {
  try {
    return read();
  } catch (error) {
    if (!isLaterVersionError(error)) throw error;
    output.note(`${runId}: ${error.message}. ${error.remedy}`);
    return null;
  }
}

function describeResults({ results, error }: RunDetails): string {
  if (error !== null) return error.message;
  const numbers = Object.entries(results).flatMap(([key, value]) =>
    typeof value === 'number' && key.split('/').length < 3 ? [`${key} ${formatNumber(value)}`] : [],
  );
  return numbers.slice(0, RESULTS_SHOWN).join('  ');
}

function statusOf(text: string): 'RUNNING' | 'COMPLETED' | 'FAILED' {
  return text === 'RUNNING' || text === 'COMPLETED' ? text : 'FAILED';
}

function parseTag(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`Option --tag must be KEY=VALUE: got "${text}"`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'Write a key, = and a value, such as --tag exp_name=baseline.',
  });
}
