import { ArtifactManager, showVersion } from '@pixelis/artifacts';
import { type JsonValue, UsageError } from '@pixelis/core';
import { z } from 'zod';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { describeVersion } from './artifacts-show';

/** `pixelis artifacts put` */
export const artifactsPut = defineCommand({
  needsRoot: false,
  words: [
    {
      placeholder: 'NAME',
      help: 'Name of the artifact, such as dataset-cats-v1',
      isRequired: true,
    },
    { placeholder: 'PATH', help: 'A file or a folder', isRequired: true },
  ],
  options: {
    type: { kind: 'text', placeholder: 'TYPE', help: 'Such as dataset or model; told by the name' },
    bump: {
      kind: 'text',
      placeholder: 'PART',
      help: 'Which part of the version new content raises',
      choices: ['major', 'minor', 'patch'],
      default: 'major',
    },
    version: { kind: 'text', placeholder: 'VERSION', help: 'The version to give, such as 1.2.0' },
    alias: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'Alias to move to it besides latest',
      isRepeatable: true,
    },
    description: { kind: 'text', placeholder: 'TEXT', help: 'What it is' },
    metadata: {
      kind: 'text',
      placeholder: 'KEY=VALUE',
      help: 'Something known of it; the value in JSON, or else a text',
      isRepeatable: true,
    },
  },
  async run({ words, options, root }, output) {
    const [name = '', path = ''] = words;
    const type = options.text('type');
    const version = options.text('version');
    const description = options.text('description');
    const put = await ArtifactManager.open({ root, rank: 0 }).put(name, path, {
      ...(type === undefined ? {} : { type }),
      ...(version === undefined ? {} : { version }),
      ...(description === undefined ? {} : { description }),
      bump: bumpOf(options.text('bump')),
      aliases: options.texts('alias'),
      metadata: Object.fromEntries(options.texts('metadata').map(parseMetadata)),
      isExternal: true,
    });
    if (!put.isNew && (description !== undefined || options.texts('metadata').length > 0))
      output.note(
        `this content was there already: ${put.name}:${showVersion(put.version)} keeps its own description and metadata`,
      );
    output.print({
      json: asJson(put),
      text: `${put.isNew ? 'new version' : 'this content was there already'}\n${describeVersion(put)}`,
    });
  },
});

function bumpOf(text: string | undefined): 'major' | 'minor' | 'patch' {
  return text === 'minor' || text === 'patch' ? text : 'major';
}

/** `key=value`; the value is read as JSON where it is some. */
function parseMetadata(text: string): [string, JsonValue] {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new UsageError(`Option --metadata must be KEY=VALUE: got "${text}"`, {
      code: 'COMMAND_LINE_INVALID',
      remedy: 'Write a key, = and a value, such as --metadata licence=MIT.',
    });
  }
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), z.json().parse(JSON.parse(value))];
  } catch {
    return [text.slice(0, at), value];
  }
}
