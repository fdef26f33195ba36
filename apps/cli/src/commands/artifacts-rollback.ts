import { ArtifactManager, showVersion } from '@pixelis/artifacts';
import { asJson } from '../as-json';
import { defineCommand } from '../command';

/** `pixelis artifacts rollback` */
export const artifactsRollback = defineCommand({
  words: [
    { placeholder: 'NAME', help: 'Name of the artifact', isRequired: true },
    { placeholder: 'VERSION', help: 'Such as v1 or 1.2.0', isRequired: true },
  ],
  options: {
    alias: { kind: 'text', placeholder: 'NAME', help: 'Alias to roll back', default: 'latest' },
  },
  async run({ words, options, root }, output) {
    const [name = '', version = ''] = words;
    const alias = options.text('alias') ?? 'latest';
    const manager = ArtifactManager.open({ root, rank: 0 });
    const moved = await manager.rollback(name, alias, version);
    output.print({
      json: asJson(moved),
      text: `${name}: ${alias} rolled back to ${showVersion(moved.version)}`,
    });
  },
});
