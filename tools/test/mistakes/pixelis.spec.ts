import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../../src/workspace';
import { COMMAND_MISTAKES, VERDICTS } from './commands';
import { expectMistake } from './expect-mistake';
import {
  type HelpOption,
  optionsIn,
  optionsWithoutValue,
  runProgram,
  untriedFileOptions,
  wrongOptions,
} from './programs';
import { folderState, makeWorld, removeWorld } from './world';

/** As the built program has them. */
const commands = commandNames();
let cwd = '';

beforeAll(async () => {
  cwd = await makeWorld();
});
afterAll(() => removeWorld(cwd));

it('there is an entry for every command of pixelis, and for no other', () => {
  expect(Object.keys(COMMAND_MISTAKES).sort()).toEqual([...commands].sort());
});

describe.each(commands)('pixelis %s', (command) => {
  it('names every mistake in its options at once: an unknown one, one without its value, values of a wrong type', async () => {
    const before = folderState(cwd);
    const help = await runProgram('pixelis', [...command.split(' '), '--help'], { cwd });
    expect(help).toMatchObject({ code: 0, stderr: '' });
    const options = optionsIn(help.stdout);
    expect(options.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['out', 'json', 'help']),
    );
    const wrong = wrongOptions(options);
    const argv = [...command.split(' '), ...wrong.flatMap(({ args }) => args)];
    const ending = await runProgram('pixelis', argv, { cwd });
    expectMistake(ending, { exitCode: 2, isJson: false });
    for (const { says } of wrong) expect(ending.stderr).toContain(says);
    expect(folderState(cwd)).toEqual(before);
  });

  it('takes no option for the value of the one before it', async () => {
    const before = folderState(cwd);
    const wrong = optionsWithoutValue(await optionsOf(command));
    const argv = [...command.split(' '), ...wrong.flatMap(({ args }) => args)];
    const ending = await runProgram('pixelis', argv, { cwd });
    expectMistake(ending, { exitCode: 2, isJson: false });
    for (const { says } of wrong) expect(ending.stderr).toContain(says);
    expect(folderState(cwd)).toEqual(before);
  });

  const mistakes = COMMAND_MISTAKES[command] ?? [];

  it('is tried with a folder for every file that an option wants', async () => {
    expect(untriedFileOptions(await optionsOf(command), { mistakes })).toEqual([]);
  });

  for (const [mistake, args, exitCode, report] of mistakes) {
    it(`${mistake}: ${args}`, async () => {
      const before = folderState(cwd);
      const argv = [...command.split(' '), ...args.split(' '), '--json'];
      const hasReport = report !== undefined;
      expectMistake(await runProgram('pixelis', argv, { cwd }), {
        exitCode,
        isJson: true,
        hasReport,
      });
      expect(folderState(cwd)).toEqual(before);
    });
  }
});

it.each(VERDICTS)(
  'pixelis %s finds the damage, which is the result and no failure',
  async (line) => {
    const before = folderState(cwd);
    const ending = await runProgram('pixelis', [...line.split(' '), '--json'], { cwd });
    expect(ending.code).toBe(5);
    expect(ending.stderr).not.toContain('remedy: ');
    expect(() => JSON.parse(ending.stdout) as unknown).not.toThrow();
    expect(folderState(cwd)).toEqual(before);
  },
);

// Helpers

async function optionsOf(command: string): Promise<HelpOption[]> {
  const { stdout } = await runProgram('pixelis', [...command.split(' '), '--help'], { cwd });
  return optionsIn(stdout);
}

/** Read in a process of its own: the commands are loaded by `import()`, which tests cannot do. */
function commandNames(): string[] {
  const path = join(WORKSPACE_ROOT, 'apps/cli/dist/commands.js');
  const script = `process.stdout.write(JSON.stringify(require(${JSON.stringify(path)}).commandEntries.map(({ name }) => name)))`;
  return JSON.parse(
    execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }),
  ) as string[];
}
