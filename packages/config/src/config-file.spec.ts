import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@pixelis/core';
import { z } from 'zod';
import { issuesOf } from '../test/issues-of';
import { withTemporaryFolder } from '../test/temporary-folder';
import { evaluationDefinition, sweepDefinition, trainingDefinition } from './config-definitions';
import { fileLayers, readConfig, sweepFileLayers } from './config-file';
import { argumentLayer, type ConfigLayer } from './config-layer';
import { resolveTrainingConfig } from './entry-point-resolution';
import { type ConfigDefinition, resolveConfig } from './resolve-config';
import { resolvedDocument } from './resolved-document';
import { trialDocument } from './trial-document';

describe('fileLayers()', () => {
  it.each([
    ['run.yaml', 'training:\n  seed: 7 # the seed\n'],
    ['run.json', '{\n\t"training": {"seed": 7}\n}\n'],
    ['run.conf', '\ufefftraining: {seed: 7}\r\n'],
  ])('fileLayers() reads %s', (name, content) => {
    const { config, origins, raw, path } = resolveFile(name, content);
    const origin = { layer: 'file', source: path };
    expect(config.training.seed).toBe(7);
    expect(origins['training.seed']).toEqual(origin);
    expect(origins['training.steps']).toEqual({ layer: 'default', source: 'schema' });
    expect(raw).toEqual([{ ...origin, path: '', value: { training: { seed: 7 } } }]);
  });

  it('fileLayers() takes an empty file for one that sets nothing', () => {
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
  ])('fileLayers() refuses a file with %s and names it', (_name, content, problem) => {
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
  ])('fileLayers() refuses %s', (_name, name) => {
    const error = usageErrorOf((folder) => join(folder, name));
    expect(error.code).toBe('CONFIG_FILE_UNREADABLE');
    expect(error.exitCode).toBe(2);
    expect(error.message).not.toMatch(/E[A-Z]{4}/);
    expect(error.remedy).toBe('Give the path of a readable YAML or JSON file');
  });

  it('fileLayers() says of a folder that it is one, and which file of a run to name', () => {
    const error = usageErrorOf((folder) => {
      writeFileSync(join(folder, 'config_resolved.json'), '{}');
      return folder;
    });
    expect(error.message).toMatch(/^Cannot read the configuration .*: it is a folder$/);
    expect(error.remedy).toMatch(/^Name the file in it: .*config_resolved\.json$/);
  });

  it.each(['manifest.json', 'config_raw.json'])(
    'fileLayers() of %s says which file of the run is its configuration',
    (name) => {
      const error = usageErrorOf((folder) => {
        for (const file of [name, 'config_resolved.json']) writeFileSync(join(folder, file), '{}');
        return join(folder, name);
      });
      expect(error.code).toBe('CONFIG_FILE_INVALID');
      expect(error.remedy).toMatch(/^Name the file beside it: .*config_resolved\.json$/);
    },
  );

  it.each([
    ['trainingDefinition', trainingDefinition, 'sweep: {trials: 4}', 'sweep:default'],
    ['trainingDefinition', trainingDefinition, 'evaluation: {}', 'evaluate:default'],
    ['evaluationDefinition', evaluationDefinition, 'sweep: {}', 'sweep:default'],
    ['sweepDefinition', sweepDefinition, 'evaluation: {}', 'evaluate:default'],
    [
      'trainingDefinition',
      trainingDefinition,
      '{"config": {"evaluation": {"benchmark": "digits"}}, "origins": {}}',
      'evaluate:default',
    ],
  ])('fileLayers() of %s refuses what is for another program: %j', (...given) => {
    const [, definition, text, target] = given;
    const error = usageErrorOf(
      (folder) => {
        const path = join(folder, 'other.yaml');
        writeFileSync(path, text);
        return path;
      },
      { definition },
    );
    expect(error.code).toBe('CONFIG_FILE_FOREIGN');
    expect(error.message).toMatch(/as its section "\w+" says$/);
    expect(error.remedy).toMatch(
      new RegExp(`^Run it by npx nx run ${target} -- --config \\S*other\\.yaml, or`),
    );
  });

  it.each([
    ['sweep.schema.json', sweepDefinition],
    ['evaluate.schema.json', evaluationDefinition],
    ['config.schema.json', trainingDefinition],
  ])('fileLayers() names %s where a file is broken', (schemaFile, definition) => {
    const error = usageErrorOf(
      (folder) => {
        const path = join(folder, 'list.yaml');
        writeFileSync(path, '- 1');
        return path;
      },
      { definition },
    );
    expect(error.remedy).toContain(`schema/${schemaFile}`);
  });

  it.each([
    ['{"training":{"steps":3,}}', 'line 1, column 23: it is no JSON: a comma stands before'],
    ['{\n  training: {}\n}', 'line 2, column 3: it is no JSON: a key in double quotes'],
    ['# none\n', 'line 1, column 1: it is no JSON: a value is missing'],
    ['', 'line 1, column 1: it is no JSON: the text ends'],
    ['{"training": {"steps": 1, "steps": 2}}', 'line 1, column 27: Map keys must be unique'],
    ['[1]', 'it must hold keys with their values'],
  ])('fileLayers() and sweepFileLayers() refuse the .json file %j', (text, problem) => {
    withTemporaryFolder((folder) => {
      const path = join(folder, 'config.JSON');
      writeFileSync(path, text);
      for (const read of [fileLayers, sweepFileLayers, readConfig]) {
        let error: unknown;
        try {
          read(path);
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toMatchObject({ code: 'CONFIG_FILE_INVALID', exitCode: 2 });
        expect(String(error)).toContain(problem);
      }
    });
  });

  it('fileLayers() refuses a .json file with what its schema and other name could be', () => {
    const error = usageErrorOf((folder) => {
      const path = join(folder, 'config.json');
      writeFileSync(path, '{"training":{"steps":3,}}');
      return path;
    });
    expect(error.remedy).toBe(
      'Write one object in JSON, or name the file .yaml, as schema/config.schema.json describes it',
    );
  });

  it('fileLayers() takes the same text from a YAML file', () => {
    expect(resolveFile('config.yaml', '{"training":{"steps":3,}}').config.training.steps).toBe(3);
  });

  it('fileLayers() refuses a path that no system takes', () => {
    expect(() => fileLayers('a\0b')).toThrow(UsageError);
  });
});

describe('fileLayers()', () => {
  it('fileLayers() passes over the address of the schema, which is for editors', () => {
    const text =
      '# yaml-language-server: $schema=x\n$schema: config.schema.json\ntraining: {seed: 7}\n';
    const { config, raw } = resolveFile('noted.yaml', text);
    expect(config.training.seed).toBe(7);
    expect(raw.map(({ value }) => value)).toEqual([{ training: { seed: 7 } }]);
    expect(resolveFile('only.json', '{"$schema": "x"}').raw).toEqual([]);
  });

  it('fileLayers() gives one layer for each that is recorded, and leaves defaults to the schema', () => {
    const origins = {
      'training.steps': { layer: 'argument', source: 'training.steps' },
      'model.dim': { layer: 'file', source: 'base.yaml' },
    };
    const config = { training: { seed: 42, steps: 5 }, model: { dim: 32 } };
    for (const document of [
      { config, origins },
      { $schema: 'x', ...config, $origins: origins },
    ]) {
      const layers = layersOf(document);
      expect(layers).toMatchObject([
        { layer: 'file', settings: [{ path: ['model', 'dim'], value: 32, source: 'base.yaml' }] },
        {
          layer: 'argument',
          settings: [{ path: ['training', 'steps'], value: 5, source: 'training.steps' }],
        },
      ]);
    }
  });

  it('fileLayers() counts what was a default and is none any more as set by the file', () => {
    const config = {
      training: { seed: 41, steps: 1800 },
      curriculum: { stages: [{ name: 'only', exit: [], mixture: { simple: 1 } }] },
    };
    const [layer, ...others] = layersOf({ config, origins: {} });
    expect(others).toEqual([]);
    expect(layer?.layer).toBe('file');
    expect(layer?.settings.map(({ path }) => path.join('.'))).toEqual([
      'training.seed',
      'curriculum.stages',
    ]);
    for (const { source } of layer?.settings ?? []) expect(source).toMatch(/recorded\.json$/);
  });

  it('fileLayers() has mistakes say in which record they stand', () => {
    withTemporaryFolder((folder) => {
      const file = join(folder, 'config_resolved.json');
      const origins = { 'training.seed': { layer: 'argument', source: '--seed' } };
      writeFileSync(
        file,
        JSON.stringify({ config: { training: { seed: -1, steps: 0 } }, origins }),
      );
      const messages = issuesOf(() => resolveTrainingConfig({ file })).map(
        ({ message }) => message,
      );
      expect(messages[0]).toContain('must be >= 0 (from argument --seed, recorded in ');
      expect(messages[1]).toMatch(/must be >= 1 \(from file [^,]*\)$/);
    });
  });

  it('fileLayers() leaves a secret that the record does not show to whoever knows it', () => {
    const schema = z.strictObject({
      key: z.string().meta({ secret: true }),
      name: z.string().default('a'),
    });
    const resolved = resolveConfig({
      schema,
      layers: [argumentLayer({ overrides: ['key=hush'] })],
    });
    withTemporaryFolder((folder) => {
      const path = join(folder, 'config_resolved.json');
      writeFileSync(path, JSON.stringify(resolvedDocument(resolved)));
      const layers = [...fileLayers(path, { schema }), argumentLayer({ overrides: ['key=hush'] })];
      const again = resolveConfig({ schema, layers });
      expect(again.config).toEqual({ key: 'hush', name: 'a' });
      expect(fileLayers(path, { schema })).toEqual([]);
    });
  });

  it.each([
    ['no layers', { $origins: { 'training.seed': 'file' } }, 'its $origins must give'],
    [
      'an unknown layer',
      { $origins: { a: { layer: 'x', source: 's' } } },
      'its $origins must give',
    ],
    ['no section', { config: {}, origins: 5 }, 'its origins must give'],
  ])('fileLayers() refuses a record of %s', (_name, document, problem) => {
    const error = usageErrorOf((folder) => {
      const path = join(folder, 'recorded.json');
      writeFileSync(path, JSON.stringify(document));
      return path;
    });
    expect(error.code).toBe('CONFIG_FILE_INVALID');
    expect(error.message).toContain(problem);
  });
});

describe('readConfig()', () => {
  it.each([
    ['sweep.json', { sweep_version: 1, fingerprint: 'a', sweep: {}, config: {}, origins: {} }],
    ['manifest.json', { manifest_version: 1, sweep_uuid: 'a', fingerprint: 'a', trials: [] }],
  ])(
    'readConfig() and fileLayers() say of %s that it is the record of a sweep',
    (name, document) => {
      for (const read of [readConfig, fileLayers]) {
        const error = usageErrorOf(
          (folder) => {
            const path = join(folder, name);
            writeFileSync(path, JSON.stringify(document));
            return path;
          },
          { read },
        );
        expect(error.code).toBe('CONFIG_FILE_INVALID');
        expect(error.message).toMatch(new RegExp(`${name}: it is the record of a sweep$`));
        expect(error.remedy).toMatch(/0001\.json; the command that .* is in its report\.md$/);
      }
    },
  );
});

describe('sweepFileLayers()', () => {
  it('sweepFileLayers() refuses the file of a whole sweep', () => {
    withTemporaryFolder((folder) => {
      const path = join(folder, 'sweep.yaml');
      writeFileSync(path, 'sweep: {trials: 4}');
      expect(() => sweepFileLayers(path)).toThrow(
        /is that of a sweep, as its section "sweep" says/,
      );
    });
  });

  it('sweepFileLayers() takes a file without record for one layer above all', () => {
    withTemporaryFolder((folder) => {
      const path = join(folder, '0001.yaml');
      writeFileSync(path, 'training: {seed: 7}');
      expect(sweepFileLayers(path)).toMatchObject([{ layer: 'sweep', settings: [{ path: [] }] }]);
      const { config } = resolveTrainingConfig({ sweep: path, overrides: ['training.seed=8'] });
      expect(config.training.seed).toBe(7);
    });
  });

  it('sweepFileLayers() leaves out what the environment says of the search itself', () => {
    withTemporaryFolder((folder) => {
      const sweep = join(folder, '0001.json');
      writeFileSync(sweep, JSON.stringify(trialDocument(resolveTrainingConfig({}))));
      const environment = { PIXELIS__SWEEP__METRIC: 'loss/train', PIXELIS__TRAINING__SEED: '7' };
      expect(resolveTrainingConfig({ sweep, environment }).config.training.seed).toBe(42);
      expect(() => resolveTrainingConfig({ environment })).toThrow('Unknown key "sweep"');
    });
  });

  it('sweepFileLayers() leaves the threads of a trial to whoever starts it, unless they were set', () => {
    const threadsOf = (overrides: readonly string[]) => {
      return withTemporaryFolder((folder) => {
        const sweep = join(folder, '0001.json');
        const document = trialDocument(resolveTrainingConfig({ overrides }));
        writeFileSync(sweep, JSON.stringify(document));
        return resolveTrainingConfig({ sweep, overrides: ['hardware.threads=3'] }).config.hardware
          .threads;
      });
    };
    expect(threadsOf([])).toBe(3);
    expect(threadsOf(['hardware.threads=2'])).toBe(2);
    expect(threadsOf(['hardware.threads=null'])).toBeNull();
  });
});

describe('readConfig()', () => {
  it('readConfig() gives what is recorded as it stands, though it be no configuration of today', () => {
    withTemporaryFolder((folder) => {
      const path = join(folder, 'old.json');
      writeFileSync(path, '{"training": {"sed": 1}, "$origins": {}}');
      expect(readConfig(path)).toEqual({
        config: { training: { sed: 1 } },
        origins: { 'training.sed': { layer: 'default', source: 'schema' } },
      });
    });
  });

  it.each([
    ['a training run', 'training: {seed: 7}', undefined],
    ['a sweep', 'sweep: {trials: null}', 'sweep.strategy'],
    ['an evaluation', 'evaluation: {benchmark: digits}', 'evaluation.model'],
  ])('readConfig() completes the file of %s with its defaults', (_name, text, key) => {
    withTemporaryFolder((folder) => {
      const path = join(folder, 'file.yaml');
      writeFileSync(path, text);
      const { origins } = readConfig(path);
      expect(origins['training.steps']?.layer).toBe('default');
      if (key !== undefined) expect(origins).toHaveProperty([key]);
    });
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

function usageErrorOf(
  makePath: (folder: string) => string,
  {
    definition,
    read = (path) => fileLayers(path, definition),
  }: { definition?: ConfigDefinition<z.ZodObject>; read?: (path: string) => unknown } = {},
): UsageError {
  return withTemporaryFolder((folder) => {
    const path = makePath(folder);
    try {
      read(path);
    } catch (error) {
      if (error instanceof UsageError) return error;
      throw error;
    }
    throw new Error('Expected a UsageError');
  });
}

function layersOf(document: unknown): ConfigLayer[] {
  return withTemporaryFolder((folder) => {
    const path = join(folder, 'recorded.json');
    writeFileSync(path, JSON.stringify(document));
    return fileLayers(path);
  });
}
