import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAddon } from './check-addon';
import { thrownBy } from '../test/thrown-by';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'libtensorflow-check-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const ALL = ['load', 'product', 'gradient', 'saved_model'];

describe('checkAddon()', () => {
  it('gives a line for each thing that was computed', () => {
    const checked = check(
      ALL.map((each) => report(each)).join('\n'),
      'console.log("noise of a library");',
    );

    expect(checked).toEqual({ isUsingGpu: true, lines: ALL.map((each) => `${each} is right`) });
  });

  it('tells the program the device and the folder', () => {
    const told = 'says: process.argv.slice(2).join()';

    expect(
      check(ALL.map((each) => `say({ check: '${each}', ${told} });`).join('\n')).lines,
    ).toEqual(ALL.map(() => 'gpu,/there'));
  });

  it.each([
    [
      'an error',
      "say({ error: 'expected 19, found 20' }); process.exit(1);",
      'expected 19, found 20',
    ],
    [
      'a signal',
      "console.error('x\\nno AVX'); process.kill(process.pid, 'SIGILL'); setTimeout(() => 0, 1e4);",
      'SIGILL; no AVX',
    ],
    ['a silent end', '', 'ended with 0'],
  ])('names what failed after %s', (_, end, message) => {
    expect(thrownBy(() => check(`${report('load')}\n${end}`))).toMatchObject({
      code: 'ADDON_CHECK_FAILED',
      exitCode: 3,
      message: expect.stringMatching(new RegExp(`\\(product\\): .*${message}`)) as unknown,
    });
  });
});

// Helpers

function report(name: string): string {
  return `say({ check: '${name}', says: '${name} is right', is_using_gpu: ${name === 'load'} });`;
}

function check(body: string, before = '') {
  const program = join(folder, 'program.js');
  writeFileSync(
    program,
    `const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');\n${before}\n${body}\n`,
  );
  return checkAddon({ device: 'gpu', folder: '/there', program });
}
