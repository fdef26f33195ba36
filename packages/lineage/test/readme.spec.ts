import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';

describe('README.md', () => {
  it('has an example that prints what it says', () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const { printed } = jest.requireActual<{ printed: string }>('../README.md');
    const lines = log.mock.calls.map((values) => `${format(...values)}\n`);
    log.mockRestore();
    expect(lines.join('')).toBe(printed);
  });

  it('draws the picture of which the example prints the beginning', () => {
    const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8').replaceAll(
      '\r\n',
      '\n',
    );
    const [, printed = ''] = /```text\n[^]*?^(flowchart [^]*?)```/m.exec(readme) ?? [];
    expect(printed).not.toBe('');
    expect(readme).toContain(`\`\`\`mermaid\n${printed}`);
  });
});
