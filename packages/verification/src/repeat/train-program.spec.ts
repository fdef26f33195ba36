import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { trainAgain, type TrainAgainOptions } from './train-program';

const temporaryFolder = useTemporaryFolder();

describe('trainAgain()', () => {
  it('trains by the record alone, and tells how far it is', async () => {
    process.env['PIXELIS__TRAINING__SEED'] = '13';
    const told: string[] = [];
    const folder = temporaryFolder();
    const run = await trainAgain({
      ...programOf(folder, SUCCESS),
      threads: 2,
      lastStep: 5,
      dataDirectory: '/some where',
      onProgress: (message) => told.push(message),
    });
    delete process.env['PIXELIS__TRAINING__SEED'];
    expect(run).toBe(join(folder, 'out', 'runs', 'again'));
    const { args, seed } = JSON.parse(readFileSync(join(folder, 'called.json'), 'utf8')) as {
      args: string[];
      seed?: string;
    };
    expect(seed).toBeUndefined();
    expect(JSON.parse(readFileSync(args[2] ?? '', 'utf8'))).toEqual({ training: { steps: 9 } });
    expect(args.slice(3)).toEqual([
      ...['--out', join(folder, 'out'), '--run-id', 'again', '--new', '--capture-level', '3'],
      ...['--log-format', 'json', '--json', '--threads', '2', '--stop-after', '5'],
      'data.directory="/some where"',
    ]);
    expect(told).toEqual(['step 1', 'no json']);
  });

  it.each([
    [2, 'UsageError'],
    [3, 'EnvironmentError'],
    [4, 'DataError'],
    [5, 'IntegrityError'],
  ])('fails as the program does with %i', async (exitCode, name) => {
    const failure = { code: 'SOME', message: 'no luck', remedy: 'try', exit_code: exitCode };
    const script = `console.log(${JSON.stringify(JSON.stringify({ error: failure }))}); process.exitCode = ${exitCode};`;
    await expect(trainAgain(programOf(temporaryFolder(), script))).rejects.toMatchObject({
      name,
      exitCode,
      code: 'SOME',
      remedy: 'try',
      message: 'Training it again failed: no luck',
    });
  });

  it('calls it a defect if the program ends without a word that can be read', async () => {
    const program = programOf(temporaryFolder(), 'console.error("oh"); process.exitCode = 1;');
    await expect(trainAgain(program)).rejects.toThrow('train ended with 1: oh');
  });

  it('says that the system ended it', async () => {
    const program = programOf(temporaryFolder(), 'process.kill(process.pid, "SIGKILL");');
    await expect(trainAgain(program)).rejects.toMatchObject({ code: 'TRAINING_KILLED' });
  });

  it('ends the program when it is told to', async () => {
    const controller = new AbortController();
    const program = programOf(
      temporaryFolder(),
      'console.error("on"); setInterval(() => {}, 1e6);',
    );
    const ending = trainAgain({
      ...program,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(ending).rejects.toThrow('enough');
  });
});

// Helpers

const SUCCESS = `
  const { writeFileSync } = require('node:fs');
  const { join } = require('node:path');
  const args = process.argv.slice(2);
  const seed = process.env.PIXELIS__TRAINING__SEED;
  writeFileSync(join(__dirname, 'called.json'), JSON.stringify({ args, seed }));
  console.error('{"level":"info","message":"step 1"}\\nno json');`;

function programOf(folder: string, script: string): TrainAgainOptions {
  const main = join(folder, 'main.cjs');
  writeFileSync(main, script);
  return { main, folder, config: { training: { steps: 9 } }, captureLevel: 'complete' };
}
