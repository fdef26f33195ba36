import { ArtifactManager, type ArtifactVersion, showVersion } from '@pixelis/artifacts';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatBytes, formatMinute } from '../format';
import type { Column } from '../table';

const columns: readonly Column<ArtifactVersion>[] = [
  { title: 'NAME', value: ({ name }) => name, widthMin: 28 },
  { title: 'VERSION', value: ({ version }) => showVersion(version) },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
  { title: 'ALIASES', value: ({ aliases }) => aliases.join(' ') },
  { title: 'CREATED', value: ({ createdAt }) => formatMinute(createdAt), widthMin: 11 },
];

/** `pixelis artifacts list` */
export const artifactsList = defineCommand({
  words: [{ placeholder: 'NAME', help: 'Which; * stands for any characters' }],
  options: {
    type: { kind: 'text', placeholder: 'TYPE', help: 'Only artifacts of this type, such as model' },
  },
  run({ words, options, root }, output) {
    const [name] = words;
    const type = options.text('type');
    const versions = ArtifactManager.open({ root }).list({
      ...(name === undefined ? {} : { name }),
      ...(type === undefined ? {} : { type }),
    });
    output.printRows(versions, {
      columns,
      json: asJson,
      empty: `There are no such artifacts in ${root}.`,
    });
    return Promise.resolve();
  },
});
