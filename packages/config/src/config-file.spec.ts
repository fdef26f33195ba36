import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@pixelis/core';
import { withTemporaryFolder } from '../test/temporary-folder';
import { fileLayer } from './config-file';
import { resolveTrainingConfig } from './training-resolution';

describe('fileLayer()', () => {
  it.each([
    ['run.yaml', 'training:\n  seed: 7 # the seed\n'],
    ['run.json', '{\n\t"training": {"seed": 7}\n}\n'],
    ['run.conf', '\ufefftraining: {seed: 7}\r\n'],
  ])('fileLayer() reads %s', (name, content) => {
    const { config, origins, raw, path } = resolveFile(name, content);
    const origin = { layer: 'file', source: path };
    expect(config.training.seed).toBe(7);
    expect(origins['training.seed']).toEqual(origin);
    expect(origins['training.steps']).toEqual({ layer: 'default', source: 'schema' });
    expect(raw).toEqual([{ ...origin, path: '', value: { training: { seed: 7 } } }]);
  });

  it('fileLayer() takes an empty file for one that sets nothing', () => {
    expect(resolveFile('empty.yaml', '# nothing yet\n').raw).toEqual([]);
  });

  it.each([
    ['wrong syntax', 'training:\n  seed: [7\n', 'line 3, column 1'],
    ['wrong syntax in JSON', '{"training": {"seed": 7}', 'line 1, column 25'],
    ['a repeated key', 'training: {seed: 1, seed: 2}', 'line 1, column 21'],
    ['several documents', '---\na: 1\n---\nb: 2\n', 'line 3, column 1'],
    ['a list', '- 1\n', 'it must hold keys with their values'],
    ['mere text', 'training\n', 'it must hold keys with their values'],
    ['what is not UTF-8', Buffer.from([0xff, 0xfe, 0x61, 0x00]), 'it is not UTF-8 text'],
    ['too much', '#'.repeat(200_000), 'it is longer than 131072 bytes'],
  ])('fileLayer() refuses a file with %s and names it', (_name, content, problem) => {
    const error = usageErrorOf((folder) => {
      const path = join(folder, 'wrong.yaml');
      writeFileSync(path, content);
      return path;
    });
    expect(error.code).toBe('CONFIG_FILE_INVALID');
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(problem);
    expect(error.message).not.toContain('\n');
  });

  it.each([
    ['a missing file', 'missing.yaml'],
    ['a folder', '.'],
  ])('fileLayer() refuses %s', (_name, name) => {
    const error = usageErrorOf((folder) => join(folder, name));
    expect(error.code).toBe('CONFIG_FILE_UNREADABLE');
    expect(error.exitCode).toBe(2);
  });

  it('fileLayer() refuses a path that no system takes', () => {
    expect(() => fileLayer('a\0b')).toThrow(UsageError);
  });
});

// Helpers

function resolveFile(
  name: string,
  content: string,
): ReturnType<typeof resolveTrainingConfig> & { path: string } {
  return withTemporaryFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return { ...resolveTrainingConfig({ file: path }), path };
  });
}

function usageErrorOf(makePath: (folder: string) => string): UsageError {
  return withTemporaryFolder((folder) => {
    const path = makePath(folder);
    try {
      fileLayer(path);
    } catch (error) {
      if (error instanceof UsageError) return error;
      throw error;
    }
    throw new Error('Expected a UsageError');
  });
}
