import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listRuns, readEvents } from '@pixelis/artifacts';
import { quiet } from '../../test/quiet-options';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { currentExperiment } from '../context/current-experiment';
import { reproducible } from './reproducible';

const temporaryFolder = useTemporaryFolder();
const draw = async () => Promise.resolve([Math.random(), Math.random()]);

function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

describe('reproducible()', () => {
  it('gives a function the same random numbers at each call, and puts the randomness back', async () => {
    const original = Math.random;
    const wrapped = reproducible(quiet(temporaryFolder()))(draw);
    const other = reproducible(quiet(temporaryFolder(), { seed: 43 }))(draw);
    const first = await wrapped();
    expect(await wrapped()).toEqual(first);
    expect(await other()).not.toEqual(first);
    expect(Math.random).toBe(original);
  });

  it('refuses a call beside another one, which would draw from the same randomness, but not one within it', async () => {
    const root = temporaryFolder();
    const inner = reproducible(quiet(root))(draw);
    const outer = reproducible(quiet(root))(async () => [await inner(), await inner()]);
    const alone = await inner();
    const [first, second] = await Promise.allSettled([inner(), inner()]);
    expect(first).toEqual({ status: 'fulfilled', value: alone });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'REPRODUCIBLE_OVERLAP' } });
    expect(await outer()).toEqual([alone, alone]);
    expect(listRuns(root).filter(({ status }) => status !== 'COMPLETED')).toEqual([]);
  });

  it('records each call as an experiment, by the name of the function and its configuration', async () => {
    const root = temporaryFolder();
    const options = {
      ...quiet(root, { seed: 7 }),
      config: (steps: unknown) => ({ steps: Number(steps) }),
    };
    async function train(steps: number): Promise<string> {
      const run = currentExperiment()!;
      run.metrics(1, { loss: steps });
      return Promise.resolve(run.directory);
    }
    const directory = await reproducible(options)(train)(3);
    expect(readJson(directory, 'tags.json')).toEqual({
      job: 'experiment',
      exp_name: 'train',
    });
    expect(readJson(directory, 'config_resolved.json')).toEqual({ steps: 3 });
    expect(readJson(directory, 'manifest.json')).toMatchObject({ seed: 7 });
    const events = readEvents(join(directory, 'events.jsonl'));
    expect(events.find(({ type }) => type === 'seeded')!.data).toEqual({ seed: 7 });
  });

  it('records an error, throws it on, and puts the randomness back', async () => {
    const root = temporaryFolder();
    const original = Math.random;
    const error = new Error('diverged');
    const wrapped = reproducible(quiet(root))(async () => Promise.reject(error));
    await expect(wrapped()).rejects.toBe(error);
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', error: { message: 'diverged' } }]);
    expect(Math.random).toBe(original);
  });

  it('decorates a method', async () => {
    const root = temporaryFolder();
    class Trainer {
      readonly #size = 5;
      @reproducible(quiet(root))
      async train(add: number): Promise<number> {
        expect(currentExperiment()).toBeDefined();
        return Promise.resolve(this.#size + add);
      }
    }
    expect(await new Trainer().train(2)).toBe(7);
    expect(readJson(listRuns(root)[0]!.directory, 'tags.json')).toEqual({
      job: 'experiment',
      exp_name: 'train',
    });
  });
});
