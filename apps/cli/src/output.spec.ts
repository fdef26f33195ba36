import { createOutput } from './output';

interface Row {
  readonly name: string;
}

const options = {
  columns: [{ title: 'NAME', value: ({ name }: Row) => name, widthMin: 4 }],
  json: ({ name }: Row) => ({ name }),
  empty: 'none',
};

describe('createOutput', () => {
  it('prints text, or one line of canonical JSON', () => {
    const text = written((output) => output.print({ json: { b: 1, a: 2 }, text: 'x' }));
    expect(text).toEqual({ stdout: 'x\n', stderr: '' });
    const json = written((output) => output.print({ json: { b: 1, a: 2 }, text: 'x' }), { isJson: true }); // prettier-ignore
    expect(json.stdout).toBe('{"a":2,"b":1}\n');
  });

  it('prints rows as a table, as JSON, or what stands for none', () => {
    const rows = [{ name: 'abcdefgh' }];
    expect(written((output) => output.printRows(rows, options)).stdout).toBe('NAME\nabcdefgh\n');
    expect(written((output) => output.printRows([], options)).stdout).toBe('none\n');
    const json = { isJson: true };
    expect(written((output) => output.printRows(rows, options), json).stdout).toBe('[{"name":"abcdefgh"}]\n'); // prettier-ignore
    expect(written((output) => output.printRows([], options), json).stdout).toBe('[]\n');
  });

  it('fits a table to a terminal, and cuts nothing that is piped', () => {
    const rows = [{ name: 'abcdefgh' }];
    const terminal = { isTTY: true, columns: 5 };
    expect(written((output) => output.printRows(rows, options), { terminal }).stdout).toBe('NAME\nabcd…\n'); // prettier-ignore
    const pipe = { isTTY: false, columns: 5 };
    expect(written((output) => output.printRows(rows, options), { terminal: pipe }).stdout).toContain('abcdefgh'); // prettier-ignore
  });

  it('says how far it is in a line every 30 seconds where there is no terminal', () => {
    jest.useFakeTimers();
    const { stdout, stderr } = written((output) => {
      for (let second = 0; second <= 65; second += 5) {
        output.progress(`${second} s`);
        output.progress('');
        jest.advanceTimersByTime(5000);
      }
    });
    jest.useRealTimers();
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '30 s\n60 s\n' });
  });

  it('cuts progress to one line of the terminal', () => {
    const lengthAt = (columns: number) => {
      const work = (output: ReturnType<typeof createOutput>) => output.progress('x'.repeat(99));
      return written(work, { terminal: { isTTY: true, columns } }).stderr.replace('\r\u001b[K', '')
        .length;
    };
    expect(lengthAt(40)).toBe(39);
    // A terminal that does not tell its width.
    expect(lengthAt(0)).toBe(79);
  });

  it('shows progress at once on a terminal only, and notes on stderr', () => {
    const work = (output: ReturnType<typeof createOutput>) => {
      output.progress('half');
      output.note('well');
    };
    expect(written(work)).toEqual({ stdout: '', stderr: 'well\n' });
    expect(written(work, { terminal: { isTTY: true } }).stderr).toBe('\r\u001b[Khalfwell\n');
  });
});

// Helpers

function written(
  work: (output: ReturnType<typeof createOutput>) => void,
  {
    isJson = false,
    terminal = {},
  }: { isJson?: boolean; terminal?: { isTTY?: boolean; columns?: number } } = {},
): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof output) => ({
    ...terminal,
    write: (text: string) => (output[name] += text),
  });
  work(createOutput(isJson, { stdout: stream('stdout'), stderr: stream('stderr') }));
  return output;
}
