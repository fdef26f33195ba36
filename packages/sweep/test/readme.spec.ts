import { format } from 'node:util';
import { useTemporaryFolder } from './support/temporary-folder';

interface Example {
  readonly printed: string;
  readonly main: (out: string) => Promise<void>;
}

const fresh = useTemporaryFolder();

describe('README.md', () => {
  it('has an example that prints what it says', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const { main, printed } = jest.requireActual<Example>('../README.md');
    await main(fresh());
    const lines = log.mock.calls.map((values) => `${format(...values)}\n`);
    log.mockRestore();
    expect(lines.join('')).toBe(printed);
  });
});
