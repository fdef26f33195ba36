import { ArtifactManager, type CatalogVerification, showVersion } from '@pixelis/artifacts';
import { EXIT_CODES } from '@pixelis/core';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatBytes, formatCount } from '../format';

/** `pixelis artifacts verify` */
export const artifactsVerify = defineCommand({
  options: {
    'dry-run': {
      kind: 'flag',
      help: 'Leave what is damaged where it is, instead of in quarantine',
    },
  },
  async run({ options, root }, output) {
    const manager = ArtifactManager.open({ root });
    const found = await manager.verify({
      isRepairing: !options.flag('dry-run'),
      onProgress({ doneBytes, totalBytes }) {
        output.progress(`verified ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`);
      },
    });
    output.progress('');
    output.print({ json: asJson(found), text: describe(found) });
    return found.isIntact ? undefined : EXIT_CODES.integrity;
  },
});

function describe({ isIntact, store, hurt, histories, logs }: CatalogVerification): string {
  const read = `${formatCount(store.contentCount, 'content')}, ${formatBytes(store.bytes)} read`;
  if (isIntact) return `intact: ${read}`;
  return [
    `damaged: ${read}`,
    ...store.damaged.map(({ sha256, reasons }) => `content ${sha256}: ${reasons.join(', ')}`),
    ...hurt.map(
      ({ artifact, path, fault }) =>
        `${artifact.name}:${showVersion(artifact.version)}: ${path ?? 'the list of its files'} is ${fault}`,
    ),
    ...histories.map(({ name, message }) => `history of ${name}: ${message}`),
    ...logs.map(({ message }) => message),
    'remedy: put the same content again, or copy it from another store; both heal it',
  ].join('\n');
}
