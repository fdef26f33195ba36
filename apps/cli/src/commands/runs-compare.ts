import { type ComparedValue, compareRuns } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatNumber } from '../format';
import type { Column } from '../table';

/** `pixelis runs compare` */
export const runsCompare = defineCommand({
  words: [
    { placeholder: 'RUN', help: 'Id of a run, the beginning of one, or latest', isRequired: true },
    { placeholder: 'OTHER', help: 'One or more others', isRequired: true, isRepeatable: true },
  ],
  options: { all: { kind: 'flag', help: 'Show what is equal too' } },
  run({ words, options, root }, output) {
    const { runIds, rows } = compareRuns(root, words, { hasEqual: options.flag('all') });
    if (output.isJson)
      output.print({ json: { run_ids: runIds, rows: rows.map(asJson) }, text: '' });
    else
      output.printRows(rows, {
        columns: columnsOf(runIds),
        json: asJson,
        empty: 'These runs differ in nothing that is recorded.',
      });
    return Promise.resolve();
  },
});

function columnsOf(runIds: readonly string[]): Column<ComparedValue>[] {
  return [
    { title: 'SECTION', value: ({ section }) => section, widthMin: 12 },
    { title: 'KEY', value: ({ key }) => key, widthMin: 18 },
    ...runIds.map((runId, index): Column<ComparedValue> => ({
      title: runId,
      value: ({ values }) => shown(values[index] ?? null),
    })),
  ];
}

function shown(value: JsonValue): string {
  if (value === null) return '-';
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
