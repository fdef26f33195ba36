import {
  type ArtifactFile,
  ArtifactManager,
  type ArtifactVersion,
  type HistoryEntry,
  showVersion,
} from '@pixelis/artifacts';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatBytes, formatCount, formatFields, formatTime } from '../format';
import { formatTable } from '../table';

/** `pixelis artifacts show` */
export const artifactsShow = defineCommand({
  words: [
    {
      placeholder: 'NAME[:VERSION]',
      help: 'Such as model-x, model-x:best, model-x:v2',
      isRequired: true,
    },
  ],
  options: {},
  async run({ words, root }, output) {
    const manager = ArtifactManager.open({ root });
    const version = manager.resolve(words[0] ?? '');
    const files = await manager.files(version);
    const history = manager.history(version.name);
    output.print({
      json: asJson({ ...version, files, history }),
      text: [
        describeVersion(version),
        'files',
        indent(formatTable(files, { columns: fileColumns, widthMax: Infinity })),
        'history',
        indent(history.map(describeEntry).join('\n')),
      ].join('\n'),
    });
  },
});

const fileColumns = [
  { title: 'PATH', value: ({ path }: ArtifactFile) => path },
  { title: 'SIZE', value: ({ bytes }: ArtifactFile) => formatBytes(bytes), align: 'right' },
  { title: 'SHA-256', value: ({ sha256 }: ArtifactFile) => sha256 },
] as const;

/** What is known of a version, a line for each thing. */
export function describeVersion(version: ArtifactVersion): string {
  const { producer, parents, metadata } = version;
  return formatFields([
    ['artifact', `${version.name}:${showVersion(version.version)}`],
    ['type', version.type],
    ['description', version.description],
    ['aliases', version.aliases.join(' ')],
    ['created', `${formatTime(version.createdAt)} UTC`],
    ['size', `${formatBytes(version.bytes)} in ${formatCount(version.fileCount, 'file')}`],
    ['digest', version.digest],
    [
      'made by',
      producer === null ? (version.isExternal ? 'external' : null) : `run ${producer.runId}`,
    ],
    ['made from', parents.map((one) => `${one.name}:${showVersion(one.version)}`).join(', ')],
    ['metadata', Object.keys(metadata).length === 0 ? null : JSON.stringify(metadata)],
  ]);
}

function describeEntry({ time, kind, change, versions, moves }: HistoryEntry): string {
  const what = {
    version: `version ${versions.map(showVersion).join(', ')}`,
    removed: `content of ${versions.map(showVersion).join(', ')} given up`,
    alias: change === 'rolled_back' ? 'rollback' : 'alias',
  }[kind];
  const moved = moves.map(
    ({ alias, from, to }) =>
      `${alias}: ${from === null ? '' : `${showVersion(from)} `}→ ${to === null ? 'removed' : showVersion(to)}`,
  );
  return `${formatTime(time)}  ${[what, ...moved].join('; ')}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
