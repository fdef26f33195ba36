import { type RunDetails, showRun } from '@pixelis/artifacts';
import type { EnvironmentPolicyRecord } from '@pixelis/experiment';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatFields,
  formatNumber,
  formatTime,
} from '../format';
import {
  environmentPolicyFields,
  environmentPolicyLine,
  environmentPolicyOf,
} from './env-policy-of-run';

/** `pixelis runs show` */
export const runsShow = defineCommand({
  words: [
    { placeholder: 'RUN', help: 'Id of a run, the beginning of one, or latest', isRequired: true },
  ],
  options: {},
  run({ words, root }, output) {
    const run = showRun(root, words[0] ?? '');
    const environmentPolicy = environmentPolicyOf(run.directory);
    output.print({
      json: asJson({ ...run, environmentPolicy }),
      text: describe(run, environmentPolicy),
    });
    return Promise.resolve();
  },
});

function describe(run: RunDetails, policy: EnvironmentPolicyRecord | null): string {
  const { tags, error, durationS, resumedCount } = run;
  const sections: [string, string][] = [
    ['tags', formatFields(Object.entries(tags))],
    [
      'results',
      formatFields(
        Object.entries(run.results).map(([key, value]) => [
          key,
          value === null ? null : shown(value),
        ]),
      ),
    ],
    [
      'last metrics',
      run.status === 'COMPLETED'
        ? ''
        : formatFields(
            Object.entries(run.lastMetrics).map(([key, { step, value }]) => [
              key,
              `${formatNumber(value)} at step ${step}`,
            ]),
          ),
    ],
    ['error', error === null ? '' : `${error.code}: ${error.message}`],
    [
      'configuration that is no default',
      formatFields(
        Object.entries(run.changedConfig ?? {}).map(([key, value]) => [key, shown(value)]),
      ),
    ],
    [
      'environment that is not the expected one',
      policy === null ? '' : formatFields(environmentPolicyFields(policy)),
    ],
    ['files', formatFields(run.files.map(({ path, bytes }) => [path, formatBytes(bytes)]))],
  ];
  return [
    formatFields([
      ['run', run.runId],
      ['uuid', run.runUuid],
      ['status', run.status],
      ['created', `${formatTime(run.createdAt)} UTC`],
      ['ended', run.endedAt === null ? null : `${formatTime(run.endedAt)} UTC`],
      ['took', durationS === null ? null : formatDuration(1000 * durationS)],
      ['resumed', resumedCount === 0 ? null : formatCount(resumedCount, 'time')],
      ['environment policy', policy === null ? null : environmentPolicyLine(policy)],
      ['folder', run.directory],
    ]),
    ...sections
      .filter(([, text]) => text !== '')
      .map(([title, text]) => `\n${title}\n${text.replace(/^/gm, '  ')}`),
  ].join('\n');
}

function shown(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
