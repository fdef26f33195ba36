import { format } from 'node:util';
import { useTemporaryFolder } from './temporary-folder';

interface Example {
  readonly printed: string;
  keep(folder: string): Promise<void>;
}

const temporaryFolder = useTemporaryFolder();

describe('README.md', () => {
  it('has an example that prints what it says', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const example = jest.requireActual<Example>('../README.md');
    await example.keep(temporaryFolder());
    const lines = log.mock.calls.map((values) => `${format(...values)}\n`);
    log.mockRestore();
    expect(lines.join('')).toBe(example.printed);
  });
});
