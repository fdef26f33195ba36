import { existsSync } from 'node:fs';
import { resolveRunId } from '@pixelis/artifacts';
import { DataError, EXIT_CODES, UsageError } from '@pixelis/core';
import {
  FolderStore,
  parseRemote,
  parseStore,
  pullStore,
  SyncError,
  type SyncReport,
  syncRuns,
} from '@pixelis/remotes';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatBytes, formatCount } from '../format';
import type { Output } from '../output';

/** `pixelis sync` */
export const sync = defineCommand({
  needsRoot: false,
  words: [{ placeholder: 'RUN', help: 'Which runs; all without any', isRepeatable: true }],
  options: {
    to: {
      kind: 'text',
      placeholder: 'REMOTE',
      help: 'mlflow:http://HOST:PORT, wandb:FOLDER, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or file:FOLDER',
      isRepeatable: true,
    },
    from: {
      kind: 'text',
      placeholder: 'REMOTE',
      help: 'Bring runs and artifacts from an s3://, gs:// or file: remote instead',
    },
    experiment: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'Experiment or project of runs that have no --exp-name (default: pixelis)',
    },
    force: {
      kind: 'flag',
      help: 'Ask the remote even where nothing has changed here since the last time',
    },
  },
  async run({ words, options, root }, output) {
    const from = options.text('from');
    const to = options.texts('to');
    if ((from === undefined) === (to.length === 0)) throw directionError();
    if (from !== undefined) return pull({ root, from, runIds: words }, output);
    const experiment = options.text('experiment');
    const reports = await withReports(output, () =>
      syncRuns({
        root,
        remotes: to.map((address) =>
          parseRemote(address, experiment === undefined ? {} : { experiment }),
        ),
        ...(words.length === 0 ? {} : { runIds: words.map((word) => resolveRunId(root, word)) }),
        isForced: options.flag('force'),
        onProgress: (report) => tell(report, output),
      }),
    );
    return finish(reports, [], output);
  },
});

async function pull(
  { root, from, runIds }: { root: string; from: string; runIds: readonly string[] },
  output: Output,
): Promise<number | undefined> {
  const store = parseStore(from);
  if (store instanceof FolderStore && !existsSync(folderOf(store))) throw missingError(store);
  let moved = '';
  const reports = await withReports(output, async () => {
    const report = await pullStore({
      root,
      store,
      ...(runIds.length === 0 ? {} : { runIds }),
      onProgress: (one) => tell(one, output),
    });
    moved = `${formatCount(report.contents, 'content')}, ${formatBytes(report.bytes)}, brought; ${report.present} were here`;
    return report.reports;
  });
  return finish(reports, [moved], output);
}

/** A remote that is lost on the way is an error, but what came out before is still told. */
async function withReports(
  output: Output,
  work: () => Promise<readonly SyncReport[]>,
): Promise<readonly SyncReport[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SyncError && !output.isJson)
      output.print({ json: null, text: summary(error.reports) });
    throw error;
  }
}

function finish(
  reports: readonly SyncReport[],
  notes: readonly string[],
  output: Output,
): number | undefined {
  output.print({ json: reports.map(asJson), text: [summary(reports), ...notes].join('\n') });
  const failed = reports.flatMap(({ problem }) => problem?.code ?? []);
  if (failed.length === 0) return undefined;
  return failed.every((code) => code.startsWith('REMOTE_'))
    ? EXIT_CODES.remote
    : EXIT_CODES.integrity;
}

function tell(
  { remote, runId, artifact, status, problem, warnings }: SyncReport,
  output: Output,
): void {
  const what = runId === null ? `artifact ${artifact ?? ''}` : `run ${runId}`;
  output.note(`${remote}: ${what} ${status}${problem === null ? '' : `: ${problem.message}`}`);
  if (problem !== null) output.note(`  remedy: ${problem.remedy}`);
  for (const warning of warnings) output.note(`  warning: ${warning}`);
}

function summary(reports: readonly SyncReport[]): string {
  const count = (status: SyncReport['status']) =>
    reports.filter((report) => report.status === status).length;
  return `${count('synced')} synced, ${count('unchanged')} unchanged, ${count('failed')} failed`;
}

function directionError(): UsageError {
  return new UsageError('Give either --to or --from', {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'Such as pixelis sync --to mlflow:http://127.0.0.1:5000, or --from s3://bucket/prefix.',
  });
}

function folderOf({ address }: FolderStore): string {
  return address.slice('file:'.length);
}

/** A backup that is not there must not look like an empty one. */
function missingError(store: FolderStore): DataError {
  return new DataError(`There is no folder ${folderOf(store)} to bring anything from`, {
    code: 'REMOTE_FOLDER_MISSING',
    remedy: 'Correct the path after file:, or sync --to it first.',
  });
}
