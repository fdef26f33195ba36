import { ArtifactManager, showVersion } from '@pixelis/artifacts';
import { UsageError } from '@pixelis/core';
import { asJson } from '../as-json';
import { defineCommand } from '../command';

/** `pixelis artifacts alias` */
export const artifactsAlias = defineCommand({
  words: [
    { placeholder: 'NAME', help: 'Name of the artifact', isRequired: true },
    { placeholder: 'ALIAS', help: 'Such as best or production', isRequired: true },
    { placeholder: 'VERSION', help: 'Such as v2, 1.2.0 or another alias' },
  ],
  options: { remove: { kind: 'flag', help: 'Remove the alias; the version stays' } },
  async run({ words, options, root }, output) {
    const [name = '', alias = '', version] = words;
    const manager = ArtifactManager.open({ root, rank: 0 });
    if (options.flag('remove') === (version !== undefined)) throw choiceError();
    if (version === undefined) {
      await manager.removeAlias(name, alias);
      output.print({ json: { name, alias, version: null }, text: `${name}: ${alias} removed` });
      return;
    }
    const moved = await manager.setAlias(name, alias, version);
    output.print({
      json: asJson(moved),
      text: `${name}: ${alias} → ${showVersion(moved.version)}`,
    });
  },
});

function choiceError(): UsageError {
  return new UsageError('Give either a version or --remove', {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'Such as pixelis artifacts alias model-x best v2.',
  });
}
