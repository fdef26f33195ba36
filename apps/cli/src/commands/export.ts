import { resolveRunId } from '@pixelis/artifacts';
import { UsageError } from '@pixelis/core';
import { exportExperiment } from '@pixelis/crate';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatBytes, formatCount } from '../format';

/** `pixelis export` */
export const exportCommand = defineCommand({
  words: [
    { placeholder: 'RUN', help: 'Runs to export, by their ids or latest', isRepeatable: true },
  ],
  options: {
    file: { kind: 'text', placeholder: 'FILE', help: 'The file to write, such as experiment.zip' },
    artifact: {
      kind: 'text',
      placeholder: 'NAME[:VERSION]',
      help: 'An artifact to export',
      isRepeatable: true,
    },
    'without-ancestors': { kind: 'flag', help: 'Leave out what the runs and artifacts came from' },
    'with-diff': {
      kind: 'flag',
      help: 'Take environment.diff along: source code that was not committed',
    },
    name: { kind: 'text', placeholder: 'TEXT', help: 'What the file is called inside' },
    description: { kind: 'text', placeholder: 'TEXT', help: 'What it is' },
    license: { kind: 'text', placeholder: 'TEXT', help: 'An address, or the terms in words' },
  },
  async run({ words, options, root }, output) {
    const file = options.text('file');
    if (file === undefined) throw fileError();
    const name = options.text('name');
    const description = options.text('description');
    const license = options.text('license');
    const exported = await exportExperiment({
      root,
      file,
      runIds: words.map((word) => resolveRunId(root, word)),
      artifacts: options.texts('artifact'),
      ancestors: !options.flag('without-ancestors'),
      withDiff: options.flag('with-diff'),
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(license === undefined ? {} : { license }),
    });
    const { runs, artifacts, leftOut, bytes } = exported;
    output.print({
      json: asJson(exported),
      text: [
        `${file}: ${formatCount(runs.length, 'run')}, ${formatCount(artifacts.length, 'artifact')}, ${formatBytes(bytes)}`,
        ...leftOut.map((path) => `left out: ${path}; --with-diff takes it along`),
      ].join('\n'),
    });
  },
});

function fileError(): UsageError {
  return new UsageError('Option --file is missing', {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'Say where to, such as --file experiment.zip.',
  });
}
