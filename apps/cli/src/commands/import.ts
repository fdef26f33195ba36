import { showVersion } from '@pixelis/artifacts';
import { importExperiment } from '@pixelis/crate';
import { asJson } from '../as-json';
import { defineCommand } from '../command';

/** `pixelis import` */
export const importCommand = defineCommand({
  needsRoot: false,
  words: [{ placeholder: 'FILE', help: 'A file that pixelis export wrote', isRequired: true }],
  options: {},
  async run({ words, root }, output) {
    const imported = await importExperiment({ root, file: words[0] ?? '' });
    const { runs, artifacts, keptAliases } = imported;
    output.print({
      json: asJson(imported),
      text: [
        `${count(runs)} runs and ${count(artifacts)} artifacts are new in ${root}`,
        ...keptAliases.map(
          ({ name, alias, here, there }) =>
            `${name}: ${alias} stays at ${showVersion(here)}; there it was ${showVersion(there)}`,
        ),
      ].join('\n'),
    });
  },
});

function count(items: readonly { isNew: boolean }[]): string {
  return `${items.filter(({ isNew }) => isNew).length} of ${items.length}`;
}
