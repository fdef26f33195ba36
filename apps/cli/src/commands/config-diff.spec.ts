import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  extendConfig,
  parseCommandLine,
  resolvedDocument,
  resolveTrainingConfig,
  trialDocument,
} from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { createOutput } from '../output';
import { configDiff } from './config-diff';

const root = mkdtempSync(join(tmpdir(), 'pixelis-cli-config-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const base = resolveTrainingConfig({ overrides: ['training.steps=9'] });
const trial = extendConfig(base, {
  layer: 'sweep',
  settings: [{ path: ['training', 'seed'], value: 7, source: 'trial 0001' }],
});
const run = join(root, 'runs', 'a-train');
const files = {
  yaml: join(root, 'base.yaml'),
  trial: join(root, '0001.json'),
  wrong: join(root, 'wrong.json'),
};

beforeAll(() => {
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'config_resolved.json'), JSON.stringify(resolvedDocument(base)));
  writeFileSync(files.yaml, 'training:\n  steps: 9\n');
  writeFileSync(files.trial, JSON.stringify(trialDocument(trial)));
  writeFileSync(files.wrong, '{"training": {"sed": 1}}');
});

describe('pixelis config diff', () => {
  it('shows where a run and the file of a trial differ, and who set what', async () => {
    const { stdout, stderr } = await diff('a-train', files.trial);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['KEY', 'A', 'B', 'SET IN A BY', 'SET IN B BY'],
      ['training.seed', '42', '7', 'default schema', 'sweep trial 0001'],
      ['hardware.threads', 'null', '-', 'default schema', '-'],
      [''],
    ]);
    expect(stderr).toBe('the configurations differ in 2 values\n');
  });

  it.each([
    ['its folder', run],
    ['the beginning of its id', 'a-tr'],
    ['its file', join(run, 'config_resolved.json')],
  ])('finds the run named by %s equal to the file that it was made of', async (_by, name) => {
    expect(await diff(name, files.yaml)).toEqual({
      stdout: 'equal in every value\n',
      stderr: '',
    });
  });

  it('prints the differences as JSON', async () => {
    const { stdout, stderr } = await diff(files.yaml, files.trial, '--json');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      a: files.yaml,
      b: files.trial,
      is_equal: false,
      differences: [
        {
          path: 'training.seed',
          a: 42,
          b: 7,
          origin_a: { layer: 'default', source: 'schema' },
          origin_b: { layer: 'sweep', source: 'trial 0001' },
        },
        {
          path: 'hardware.threads',
          a: null,
          b: null,
          origin_a: { layer: 'default', source: 'schema' },
          origin_b: null,
        },
      ],
    });
  });

  it.each([
    ['a run that there is not', 'b-train', 'RUN_UNKNOWN'],
    ['a file that there is not', 'nothing.yaml', 'CONFIG_FILE_UNREADABLE'],
    ['a folder that is no run', root, 'CONFIG_FILE_UNREADABLE'],
    ['a path where nothing is', 'no/such', 'CONFIG_FILE_UNREADABLE'],
    ['a file with a wrong key', files.wrong, 'CONFIG_INVALID'],
  ])('refuses %s', async (_name, word, code) => {
    const refused = diff(files.yaml, word);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toMatchObject({ code, exitCode: 2 });
    await expect(refused).rejects.not.toThrow(/E[A-Z]{4}/);
  });

  it('says what a folder lacks that is no run', async () => {
    await expect(diff(root, files.yaml)).rejects.toMatchObject({
      message: `${root} is a folder without config_resolved.json`,
      remedy: expect.stringContaining('folder of a run') as string,
    });
  });

  it('names the schema of the kind of configuration that is wrong', async () => {
    const sweep = join(root, 'sweep.yaml');
    writeFileSync(sweep, 'sweep: {trails: 4}');
    await expect(diff(files.yaml, sweep)).rejects.toMatchObject({
      remedy: expect.stringContaining('schema/sweep.schema.json') as string,
    });
  });
});

// Helpers

async function diff(...argv: string[]): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const definition = configDiff.definition('pixelis config diff', '');
  const commandLine = parseCommandLine([...argv, '--out', root], definition);
  const output = createOutput(commandLine.flag('json'), {
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  });
  expect(await configDiff.run(commandLine, output)).toBeUndefined();
  return said;
}
