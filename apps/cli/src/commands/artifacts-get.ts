import { ArtifactManager, showVersion } from '@pixelis/artifacts';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatBytes, formatCount } from '../format';

/** `pixelis artifacts get` */
export const artifactsGet = defineCommand({
  words: [
    { placeholder: 'NAME[:VERSION]', help: 'Such as model-x or model-x:best', isRequired: true },
    { placeholder: 'FOLDER', help: 'Where to; must not hold anything yet', isRequired: true },
  ],
  options: {},
  async run({ words, root }, output) {
    const [spec = '', folder = ''] = words;
    const manager = ArtifactManager.open({ root });
    const version = await manager.get(spec, folder);
    const { name, fileCount, bytes } = version;
    output.print({
      json: asJson({ ...version, folder }),
      text: `${name}:${showVersion(version.version)}: ${formatCount(fileCount, 'file')}, ${formatBytes(bytes)}, in ${folder}`,
    });
  },
});
