import { recordTraining } from './support/record-training';
import { useTemporaryFolder } from './support/temporary-folder';

interface Example {
  readonly explain: (a: string, b: string) => string;
  readonly printed: string;
}

const temporaryFolder = useTemporaryFolder();

describe('README.md', () => {
  it('has an example that says where two runs part, as it claims', async () => {
    const { explain, printed } = jest.requireActual<Example>('../README.md');
    const root = temporaryFolder();
    const a = await recordTraining({ root, runId: 'a' });
    const b = await recordTraining({ root, runId: 'b', learningRate: 0.25 });
    expect(explain(a, a)).toBe('equal');
    expect(`${explain(a, b)}\n`).toBe(printed);
  });
});
