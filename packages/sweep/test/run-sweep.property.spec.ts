import fc from 'fast-check';
import { runSweep } from '../src/run-sweep';
import type { SweepResult } from '../src/run-sweep';
import { useTemporaryFolder } from './support/temporary-folder';
import { DriverDeath, type ToyLauncherOptions } from './support/toy-launcher';
import { comparable, startsOf, type ToySearch, toySweep } from './support/toy-sweep';

const fresh = useTemporaryFolder();

/** Drivers that may die in one sweep; the next one lives. */
const DEATHS_MAX = 4;

/** Processes that may vanish while one driver lives: one more, and a trial could count as lost. */
const VANISHING_MAX = 2;

const searches: readonly ToySearch[] = [
  { space: { 'training.seed': { values: [3, 13, 1, 14, 2] } } },
  {
    steps: 5,
    space: { 'training.seed': { values: [5, 3, 13, 1, 4, 2] } },
    halving: { minimum_steps: 2, reduction_factor: 2 },
  },
  {
    steps: 2,
    strategy: 'tpe',
    trials: 6,
    space: { 'training.learning_rate': { distribution: 'uniform', low: 0.001, high: 0.1 } },
  },
];

const references = new Map<ToySearch, unknown>();

async function referenceOf(search: ToySearch): Promise<unknown> {
  if (!references.has(search)) {
    const { manifest } = await runSweep(toySweep(fresh(), search));
    references.set(search, comparable(manifest));
  }
  return references.get(search);
}

/** What happens before a step: most often nothing. */
const fateArbitrary = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('vanish' as const, 'driver-dies' as const) },
);

const livesArbitrary = fc.array(
  fc.record({
    jobs: fc.integer({ min: 1, max: 5 }),
    fates: fc.array(fateArbitrary, { maxLength: 40 }),
    choices: fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
  }),
  { minLength: 1, maxLength: DEATHS_MAX },
);

type Life = { jobs: number; fates: ('vanish' | 'driver-dies' | undefined)[]; choices: number[] };

function launchingOf({ jobs, fates, choices }: Life): ToyLauncherOptions {
  let asked = 0;
  let chosen = 0;
  let vanished = 0;
  return {
    jobs,
    choose: (count) => (choices[(chosen += 1) % choices.length] ?? 0) % count,
    fate: () => {
      const fate = fates[asked];
      asked += 1;
      if (fate === 'vanish' && (vanished += 1) > VANISHING_MAX) return undefined;
      return fate;
    },
  };
}

/** Repeats a sweep until a driver lives to its end. */
async function live(out: string, search: ToySearch, lives: readonly Life[]): Promise<SweepResult> {
  for (const life of lives) {
    try {
      return await runSweep(toySweep(out, search, launchingOf(life)));
    } catch (error) {
      if (!(error instanceof DriverDeath)) throw error;
    }
  }
  return runSweep(toySweep(out, search));
}

describe('runSweep()', () => {
  it.each(searches.map((search, index) => [index, search] as const))(
    'runSweep() comes to the same manifest whatever is killed, however many run at once and in which order they end (search %i)',
    async (_, search) => {
      const reference = await referenceOf(search);
      await fc.assert(
        fc.asyncProperty(livesArbitrary, async (lives) => {
          const out = fresh();
          const { manifest } = await live(out, search, lives);
          expect(comparable(manifest)).toEqual(reference);
          // Throws if a run was begun again after its end.
          const completed = Object.values(startsOf(out)).filter(({ complete }) => complete === 1);
          const expected = manifest?.trials.filter(({ results }) => 'accuracy/toy' in results);
          expect(completed.length).toBeGreaterThanOrEqual(expected?.length ?? 0);
        }),
        { numRuns: Number(process.env['PIXELIS_SWEEP_RUNS'] ?? 6) },
      );
    },
  );
});
