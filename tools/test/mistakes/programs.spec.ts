import { ENVIRONMENT_LOCKS, makeCheckout, removeCheckout } from './checkout';
import { ENVIRONMENT_MISTAKES, PROGRAM_MISTAKES } from './commands';
import { expectMistake } from './expect-mistake';
import {
  optionsIn,
  optionsWithoutValue,
  type ProgramName,
  runProgram,
  untriedFileOptions,
  wrongOptions,
} from './programs';
import { folderState, makeWorld, removeWorld } from './world';

let cwd = '';

beforeAll(async () => {
  cwd = await makeWorld();
});
afterAll(() => removeWorld(cwd));

describe.each(Object.keys(PROGRAM_MISTAKES))('%s', (start) => {
  const words = start.split(' ');
  const [program = '', ...first] = words;

  it('names every mistake in its options at once', async () => {
    const before = folderState(cwd);
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    const wrong = wrongOptions(optionsIn(help.stdout));
    expect(wrong.length).toBeGreaterThan(5);
    const ending = await run(wrong.flatMap(({ args }) => args));
    expectMistake(ending, { exitCode: 2, isJson: false });
    for (const { says } of wrong) expect(ending.stderr).toContain(says);
    expect(folderState(cwd)).toEqual(before);
  });

  it('takes no option for the value of the one before it', async () => {
    const before = folderState(cwd);
    const wrong = optionsWithoutValue(optionsIn((await run(['--help'])).stdout));
    const ending = await run(wrong.flatMap(({ args }) => args));
    expectMistake(ending, { exitCode: 2, isJson: false });
    for (const { says } of wrong) expect(ending.stderr).toContain(says);
    expect(folderState(cwd)).toEqual(before);
  });

  const mistakes = PROGRAM_MISTAKES[start] ?? [];

  it('is tried with a folder for every file that an option wants', async () => {
    const options = optionsIn((await run(['--help'])).stdout);
    expect(untriedFileOptions(options, { mistakes })).toEqual([]);
  });

  for (const [mistake, args, exitCode, report] of mistakes) {
    it(`${mistake}: ${args}`, async () => {
      const before = folderState(cwd);
      const argv = [...args.split(' ').filter(Boolean), '--json'];
      const hasReport = report !== undefined;
      expectMistake(await run(argv), { exitCode, isJson: true, hasReport });
      expect(folderState(cwd)).toEqual(before);
    });
  }

  function run(args: readonly string[]) {
    // Within the world, so that what an installation would leave behind is seen too.
    const env = program === 'libtensorflow:install' ? { PIXELIS_CACHE: 'cache' } : {};
    return runProgram(program as ProgramName, [...first, ...args], { cwd, env });
  }
});

const lockKinds = Object.keys(ENVIRONMENT_LOCKS) as (keyof typeof ENVIRONMENT_LOCKS)[];

describe.each(lockKinds)('in a checkout whose env.lock.json is %s', (kind) => {
  let root = '';
  beforeAll(() => {
    root = makeCheckout(kind);
  });
  afterAll(() => removeCheckout(root));

  for (const [start, mistakes] of Object.entries(ENVIRONMENT_MISTAKES[kind])) {
    const [program, ...first] = start.split(' ') as [ProgramName, ...string[]];
    for (const [mistake, args, exitCode, report] of mistakes) {
      it(`${start} ${args}, ${mistake}`, async () => {
        const before = folderState(cwd);
        const argv = [...first, ...args.split(' '), '--json'];
        const ending = await runProgram(program, argv, { cwd, root });
        expectMistake(ending, { exitCode, isJson: true, hasReport: report !== undefined });
        expect(folderState(cwd)).toEqual(before);
      });
    }
  }
});
