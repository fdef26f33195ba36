import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigDifference, diffConfigs, type Origin, readConfig } from '@pixelis/config';
import { type JsonValue, UsageError } from '@pixelis/core';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatCount } from '../format';
import { runFolder } from '../run-folder';
import type { Column } from '../table';

const SIDE_HELP =
  'Configuration file, config_resolved.json, file of a trial; or a run by its id, the beginning of one, latest, or its folder';

/** `pixelis config diff` */
export const configDiff = defineCommand({
  words: [
    { placeholder: 'A', help: SIDE_HELP, isRequired: true },
    { placeholder: 'B', help: SIDE_HELP, isRequired: true },
  ],
  options: {},
  needsRoot: false,
  run({ words, root }, output) {
    const [a = '', b = ''] = words.map((word) => configPath(root, word));
    const differences = diffConfigs(readConfig(a), readConfig(b));
    if (output.isJson) {
      const rows = differences.map(rowOf);
      const json = asJson({ a, b, isEqual: rows.length === 0, differences: rows });
      output.print({ json, text: '' });
      return Promise.resolve();
    }
    output.printRows(differences, {
      columns: COLUMNS,
      json: (difference) => asJson(rowOf(difference)),
      empty: 'equal in every value',
    });
    if (differences.length > 0)
      output.note(`the configurations differ in ${formatCount(differences.length, 'value')}`);
    return Promise.resolve();
  },
});

/** What is a file is taken for one, and what is a folder for that of a run, before a run is looked for. */
function configPath(root: string, word: string): string {
  const found = statSync(word, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return resolvedConfigIn(word);
  const isPath = found !== undefined || /[/\\]|\.(?:json|ya?ml)$/.test(word);
  return isPath ? word : resolvedConfigIn(runFolder(root, word));
}

function resolvedConfigIn(folder: string): string {
  const path = join(folder, 'config_resolved.json');
  if (existsSync(path)) return path;
  throw new UsageError(`${folder} is a folder without config_resolved.json`, {
    code: 'CONFIG_FILE_UNREADABLE',
    remedy:
      'Give the id or folder of a run that recorded its configuration, or a YAML or JSON file.',
  });
}

const COLUMNS: readonly Column<ConfigDifference>[] = [
  { title: 'KEY', value: ({ path }) => path, widthMin: 18 },
  { title: 'A', value: ({ a }) => valueText(a) },
  { title: 'B', value: ({ b }) => valueText(b) },
  { title: 'SET IN A BY', value: ({ originA }) => originText(originA) },
  { title: 'SET IN B BY', value: ({ originB }) => originText(originB) },
];

function rowOf({ path, a, b, originA, originB }: ConfigDifference) {
  return { path, a: a ?? null, b: b ?? null, originA: originA ?? null, originB: originB ?? null };
}

function valueText(value: JsonValue | undefined): string {
  return value === undefined ? '-' : JSON.stringify(value);
}

function originText(origin: Origin | undefined): string {
  return origin === undefined ? '-' : `${origin.layer} ${origin.source}`;
}
