import { ArtifactManager, START_OFFSETS } from '@pixelis/artifacts';
import { quiet } from '../../test/quiet-options';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { currentExperiment } from '../context/current-experiment';
import type { ExperimentContext } from '../context/experiment-context';
import type { ExperimentOptions } from '../context/experiment-options';
import { withExperiment } from '../context/with-experiment';
import { checkpoint, type CheckpointOptions } from './checkpoint';

const temporaryFolder = useTemporaryFolder();

/** Calls a step once for each accuracy, and tells which versions there are then, each with what was saved, newest first. */
async function train(
  accuracies: readonly number[],
  {
    options = {},
    experiment = quiet(temporaryFolder()),
    step = (accuracy: number): unknown => ({ accuracy }),
  }: {
    options?: Partial<CheckpointOptions<unknown>>;
    experiment?: ExperimentOptions;
    step?: (accuracy: number, run: ExperimentContext) => unknown;
  },
) {
  let calls = 0;
  const wrapped = checkpoint({
    type: 'sft',
    save: () => ({
      'weights.bin': new Uint8Array([calls, Math.floor(Math.abs(accuracies[0] ?? 0) * 99)]),
    }),
    ...options,
  })(async (accuracy: number) => {
    calls += 1;
    return Promise.resolve(step(accuracy, currentExperiment()!));
  });
  return withExperiment(experiment, async (run) => {
    if (run.isResumed) run.rewind(START_OFFSETS);
    for (const accuracy of accuracies) await wrapped(accuracy);
    return run.artifacts
      .list({ name: `checkpoint_sft_${run.runId}` })
      .map(({ metadata, aliases }) => ({
        call: metadata['call_count'],
        isBest: aliases.includes('best'),
        metadata,
      }));
  });
}

const calls = (versions: readonly { call: unknown }[]) => versions.map(({ call }) => call);
const best = (versions: readonly { call: unknown; isBest: boolean }[]) =>
  calls(versions.filter(({ isBest }) => isBest));

describe('checkpoint()', () => {
  it('saves after every call, or every n-th', async () => {
    expect(calls(await train([1, 2, 3], {}))).toEqual([3, 2, 1]);
    expect(calls(await train([1, 2, 3, 4, 5], { options: { frequency: 2 } }))).toEqual([4, 2]);
  });

  it('saves after a call in which an epoch was recorded', async () => {
    const step = (accuracy: number, run: ExperimentContext) => {
      if (accuracy > 0) run.epoch(run.epochCount + 1, { accuracy });
    };
    const versions = await train([0, 1, 0, 0, 1], { options: { frequency: 'epoch' }, step });
    expect(versions.map(({ metadata }) => metadata)).toEqual([
      { call_count: 5, epoch_count: 2 },
      { call_count: 2, epoch_count: 1 },
    ]);
  });

  it.each([
    ['max', [0.1, 0.5, NaN, 0.3, 0.5], 2],
    ['min', [0.4, 0.2, Infinity, -1, 0.3], 4],
  ] as const)(
    'lets best follow the %s of a returned number',
    async (direction, accuracies, call) => {
      const options = { saveBest: true, metric: 'accuracy', direction };
      const versions = await train(accuracies, { options });
      expect(best(versions)).toEqual([call]);
      expect(versions[0]!.metadata).toMatchObject({ metric: 'accuracy', value: accuracies[4] });
    },
  );

  it('lets best follow the value that was recorded last, if the function returns none', async () => {
    const step = (accuracy: number, run: ExperimentContext) => {
      if (accuracy > 0) run.metrics(Math.round(accuracy * 10), { 'accuracy/val': accuracy });
    };
    const options = { saveBest: true, metric: 'accuracy/val' };
    expect(best(await train([0, 0.2, 0.6, 0.3], { options, step }))).toEqual([3]);
    expect(best(await train([0], { options, step }))).toEqual([]);
  });

  it('keeps the last versions and the best', async () => {
    const options = { saveBest: true, metric: 'accuracy', keepLast: 2 };
    const versions = await train([0.1, 0.9, 0.3, 0.4, 0.5], { options });
    expect(calls(versions)).toEqual([5, 4, 2]);
    expect(best(versions)).toEqual([2]);
  });

  it('goes on with the best of a run that is resumed', async () => {
    const experiment = quiet(temporaryFolder(), { runId: 'x' });
    const options = { saveBest: true, metric: 'accuracy' };
    const step = (accuracy: number) => {
      if (accuracy < 0) throw new Error('stopped');
      return { accuracy };
    };
    const attempt = (accuracies: number[]) => train(accuracies, { options, experiment, step });
    await expect(attempt([0.8, -1])).rejects.toThrow('stopped');
    const versions = await attempt([0.5]);
    expect(versions.map(({ isBest, metadata }) => [isBest, metadata['value']])).toEqual([
      [false, 0.5],
      [true, 0.8],
    ]);
  });

  it('does not mix experiments that go on at the same time', async () => {
    const root = temporaryFolder();
    const step = checkpoint({
      type: 'sft',
      frequency: 2,
      save: () => ({ 'weights.bin': new TextEncoder().encode(currentExperiment()!.runId) }),
    })(async () => new Promise((resolve) => setImmediate(resolve)));
    const run = () =>
      withExperiment(quiet(root), async () => {
        for (let call = 0; call < 3; call++) await step();
      });
    await Promise.all([run(), run()]);
    const versions = ArtifactManager.open({ root }).list({ type: 'checkpoint' });
    expect(versions.map(({ metadata }) => metadata['call_count'])).toEqual([2, 2]);
    expect(new Set(versions.map(({ name }) => name)).size).toBe(2);
  });

  it('saves nothing after a call that throws', async () => {
    const root = temporaryFolder();
    const save = jest.fn();
    const step = checkpoint({ type: 'sft', save })(async () => Promise.reject(new Error('nan')));
    await expect(withExperiment(quiet(root), () => step())).rejects.toThrow('nan');
    expect(save).not.toHaveBeenCalled();
  });

  it('refuses options that mean nothing, and a call outside of an experiment', async () => {
    const save = () => 'weights.bin';
    for (const wrong of [0, 1.5, -1]) {
      expect(() => checkpoint({ type: 'sft', save, frequency: wrong })).toThrow(
        'frequency must be',
      );
      expect(() => checkpoint({ type: 'sft', save, keepLast: wrong })).toThrow('keepLast must be');
    }
    expect(() => checkpoint({ type: 'sft', save, saveBest: true })).toThrow('metric must say');
    const step = checkpoint({ type: 'sft', save })(async () => Promise.resolve());
    await expect(step()).rejects.toThrow('no experiment is open');
  });
});
