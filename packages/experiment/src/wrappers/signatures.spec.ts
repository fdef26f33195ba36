import { withExperiment } from '../context/with-experiment';
import { quiet } from '../../test/quiet-options';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { checkpoint } from './checkpoint';
import { reproducible } from './reproducible';
import { trackArtifacts } from './track-artifacts';

const temporaryFolder = useTemporaryFolder();

/** True where each of two types is the other; the compiler checks it, since these tests are type-checked. */
type Same<A, B> = [A, B] extends [B, A] ? true : false;

/** Says of two values that they have the same type. */
function expectSame<A, B>(wrapped: A, original: B, isSame: Same<A, B>): void {
  expect([typeof wrapped, isSame]).toEqual([typeof original, true]);
}

const saver = () => ({ 'weights.bin': new Uint8Array([1]) });

describe('the types of what is wrapped', () => {
  it('reproducible() keeps parameters, type parameters, overloads and this', () => {
    async function identity<T>(value: T, times?: number): Promise<T> {
      return Promise.resolve(times === 0 ? value : value);
    }
    function overloaded(value: string): Promise<string>;
    function overloaded(value: number): Promise<number>;
    async function overloaded(value: string | number): Promise<string | number> {
      return Promise.resolve(value);
    }
    async function bound(this: { readonly size: number }, add: number): Promise<number> {
      return Promise.resolve(this.size + add);
    }
    const wrap = reproducible();
    const [a, b, c] = [wrap(identity), wrap(overloaded), wrap(bound)] as const;
    expectSame(a, identity, true);
    expectSame(b, overloaded, true);
    expectSame(c, bound, true);
    expect([a.name, a.length, c.name]).toEqual(['identity', 2, 'bound']);
    // @ts-expect-error A function that gives no promise cannot be an experiment.
    wrap(() => 1);
  });

  it('trackArtifacts() asks for the outputs that it names, and for nothing else', () => {
    const train = async (steps: number) =>
      Promise.resolve({ weights: new Uint8Array(steps), loss: 0.5 });
    const wrapped = trackArtifacts({ outputs: { weights: 'model-a' } })(train);
    expectSame(wrapped, train, true);
    const consume = async (): Promise<void> => Promise.resolve();
    const consumer = trackArtifacts({ inputs: { data: 'dataset-a-1' } })(consume);
    expectSame(consumer, consume, true);
    // @ts-expect-error The value has no such property.
    trackArtifacts({ outputs: { weight: 'model-a' } })(train);
    // @ts-expect-error A number is no content.
    trackArtifacts({ outputs: { loss: 'model-a' } })(train);
  });

  it('checkpoint() hands the saver the this of the function', () => {
    class Trainer {
      readonly weights = new Uint8Array([1]);
      async step(size: number): Promise<number> {
        return Promise.resolve(size + this.weights.length);
      }
    }
    const save = (self: Trainer) => ({ 'weights.bin': self.weights });
    async function step(this: Trainer, size: number): Promise<number> {
      return Promise.resolve(size);
    }
    const wrapped = checkpoint({ type: 'sft', save })(step);
    expectSame(wrapped, step, true);
    async function other(this: Date): Promise<number> {
      return Promise.resolve(this.getTime());
    }
    // @ts-expect-error The saver wants a Trainer.
    checkpoint({ type: 'sft', save })(other);
  });
});

describe('standard decorators of methods', () => {
  it('record a method as they do a function, and keep its this', async () => {
    const root = temporaryFolder();
    class Trainer {
      steps = 0;

      @checkpoint({ type: 'sft', save: saver })
      @trackArtifacts({ outputs: { report: { name: 'report-a', type: 'report' } } })
      async step(by: number): Promise<{ report: Uint8Array }> {
        this.steps += by;
        return Promise.resolve({ report: new Uint8Array([this.steps]) });
      }
    }
    const trainer = new Trainer();
    const names = await withExperiment(quiet(root), async (run) => {
      expect((await trainer.step(2)).report).toEqual(new Uint8Array([2]));
      expect((await trainer.step(3)).report).toEqual(new Uint8Array([5]));
      return run.artifacts.list().map(({ name, version }) => `${name}:${version}`);
    });
    expect(names).toEqual([
      expect.stringMatching(/^checkpoint_sft_.*:1\.0\.0$/),
      'report-a:2.0.0',
      'report-a:1.0.0',
    ]);
    expect(trainer.step.name).toBe('step');
  });
});
