import { format } from 'node:util';
import { useTemporaryFolder } from './temporary-folder';

interface Example {
  readonly printed: string;
  readonly main: (root: string) => Promise<void>;
}

const temporaryFolder = useTemporaryFolder();

describe('README.md', () => {
  it('has an example that prints what it says', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const { main, printed } = jest.requireActual<Example>('../README.md');
    await main(temporaryFolder());
    const lines = log.mock.calls.map((values) => `${format(...values)}\n`);
    log.mockRestore();
    expect(lines.join('')).toBe(printed);
  });
});
