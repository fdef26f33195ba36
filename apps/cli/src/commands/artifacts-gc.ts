import { nearestName, UsageError } from '@pixelis/core';
import { type ArtifactCollection, ArtifactManager, showVersion } from '@pixelis/artifacts';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { parseDuration } from '../durations';
import { formatBytes, formatCount } from '../format';

/** `pixelis artifacts gc` */
export const artifactsGc = defineCommand({
  words: [
    {
      placeholder: 'NAME',
      help: 'Only artifacts of such names; * stands for any characters',
      isRepeatable: true,
    },
  ],
  options: {
    'keep-last': { kind: 'integer', placeholder: 'N', help: 'Keep the newest N versions of each' },
    'keep-younger-than': {
      kind: 'text',
      placeholder: 'SPAN',
      help: 'Keep what is younger, such as 30d',
    },
    'drop-aliased': {
      kind: 'flag',
      help: 'Give up versions with aliases too; never that of latest',
    },
    type: {
      kind: 'text',
      placeholder: 'TYPE',
      help: 'Only artifacts of this type',
      isRepeatable: true,
    },
    grace: {
      kind: 'text',
      placeholder: 'SPAN',
      help: 'Content put within this time stays, since who put it may still be at work',
      default: '1d',
    },
    apply: { kind: 'flag', help: 'Really do it; content goes in two runs, marked first' },
  },
  async run({ words, options, root }, output) {
    const keepLast = options.number('keep-last');
    const younger = options.text('keep-younger-than');
    const types = options.texts('type');
    const artifacts = ArtifactManager.open({ root, rank: 0 });
    requireKnown(words, artifacts);
    const collection = await artifacts.collect({
      ...(keepLast === undefined ? {} : { keepLast }),
      ...(younger === undefined
        ? {}
        : { keepYoungerThanMs: parseDuration(younger, '--keep-younger-than') }),
      ...(options.flag('drop-aliased') ? { keepAliased: false } : {}),
      ...(types.length === 0 ? {} : { types }),
      ...(words.length === 0 ? {} : { names: words }),
      gracePeriodMs: parseDuration(options.text('grace') ?? '1d', '--grace'),
      isApplied: options.flag('apply'),
    });
    output.print({ json: asJson(collection), text: describe(collection) });
  },
});

/** A name that was mistyped must not look as if there were nothing to give up. */
function requireKnown(words: readonly string[], artifacts: ArtifactManager): void {
  const known = new Set(artifacts.list().map(({ name }) => name));
  const unknown = words.find((word) => !word.includes('*') && !known.has(word));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  throw new UsageError(
    `There is no artifact "${unknown}"${nearest === undefined ? '' : `: did you mean "${nearest}"?`}`,
    { code: 'ARTIFACT_UNKNOWN', remedy: 'pixelis artifacts list shows what there is.' },
  );
}

function describe({ isApplied, removed, content }: ArtifactCollection): string {
  const { marked, taken, markedBytes, takenBytes } = content;
  const would = isApplied ? '' : 'would be ';
  return [
    ...removed.map(({ name, version }) => `${would}given up: ${name}:${showVersion(version)}`),
    `${formatCount(removed.length, 'version')} ${would}given up`,
    `${formatCount(marked.length, 'content')}, ${formatBytes(markedBytes)}, ${would}marked: a later run takes them`,
    `${formatCount(taken.length, 'content')}, ${formatBytes(takenBytes)}, ${would}taken`,
    ...(isApplied ? [] : ['nothing was changed: a dry run; --apply does it']),
  ].join('\n');
}
