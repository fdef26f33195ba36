import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { probeTools } from './probe-tools';

const folder = mkdtempSync(join(tmpdir(), 'pixelis-tools-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('probeTools()', () => {
  it('names what is missing, what it is needed for and how to get it', () => {
    const tools = probeTools({ env: { PATH: folder } });
    expect(tools.map(({ name }) => name)).toEqual([
      'compiler', 'python', 'pip', 'mpirun', 'mpicxx',
    ]); // prettier-ignore
    for (const { command, version, remedy, purpose } of tools) {
      expect([command, version]).toEqual([null, null]);
      expect(remedy).toMatch(/install/);
      expect(purpose).not.toBe('');
    }
  });

  it('takes the first that answers, and what CXX says with its options', () => {
    if (process.platform === 'win32') return;
    const folder = programs({ 'clang++': 'echo "clang 17"', wrap: 'echo "wrapped $1"' });
    const compilerOf = (env: NodeJS.ProcessEnv) => probeTools({ env })[0];
    expect(compilerOf({ PATH: folder })).toMatchObject({
      command: 'clang++',
      version: 'clang 17',
      remedy: null,
    });
    expect(compilerOf({ PATH: folder, CXX: 'wrap g++' })?.version).toBe('wrapped g++');
    expect(compilerOf({ PATH: folder, CXX: 'nothing' })?.version).toBeNull();
  });

  it('finds no pip where python has none', () => {
    if (process.platform === 'win32') return;
    const folder = programs({ python3: '[ "$1" = -m ] && exit 1; echo "Python 3.11"' });
    const [, python, pip] = probeTools({ env: { PATH: folder } });
    expect([python?.version, pip?.version]).toEqual(['Python 3.11', null]);
    expect(pip?.remedy).toContain('pip');
  });
});

// Helpers

function programs(texts: Readonly<Record<string, string>>): string {
  const place = mkdtempSync(join(folder, 'path-'));
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(place, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(place, name), 0o755);
  }
  return [place].join(delimiter);
}
