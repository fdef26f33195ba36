import { readSweepManifest } from '../../src/folder/open-sweep';
import fc from 'fast-check';
import { join } from 'node:path';
import { runSweep } from '../../src/run-sweep';
import { useTemporaryFolder } from '../support/temporary-folder';
import { killTrials, ToyDriverProcess, untilTrialsEnd } from '../support/toy-driver-process';
import { comparable, startsOf, type ToySearch, toySweep } from '../support/toy-sweep';

const fresh = useTemporaryFolder();

const SEARCH: ToySearch = {
  steps: 6,
  space: { 'training.seed': { values: [3, 13, 1, 2] } },
  halving: { minimum_steps: 2, reduction_factor: 2 },
};

/** Some thirty processes start one after the other, which takes long where all others compute. */
const TIMEOUT_MS = 120_000;

/** A driver that is killed once the trials noted so many starts and ends more, and what else is killed with it. */
const killArbitrary = fc.record({
  jobs: fc.integer({ min: 1, max: 3 }),
  notes: fc.integer({ min: 1, max: 5 }),
  target: fc.constantFrom('driver' as const, 'all' as const, 'trials' as const),
});

describe('a sweep on this machine', () => {
  it(
    'runSweep() ends with the same manifest after kill -9 of drivers and trials, and repeats no trial',
    async () => {
      const reference = await runSweep(toySweep(fresh(), SEARCH));
      await fc.assert(
        fc.asyncProperty(fc.array(killArbitrary, { minLength: 2, maxLength: 4 }), async (kills) => {
          const out = fresh();
          let notes = 0;
          for (const { jobs, notes: more, target } of kills) {
            const driver = new ToyDriverProcess(out, SEARCH, jobs);
            notes += more;
            await driver.untilNotes(notes);
            if (target !== 'trials') driver.kill();
            if (target !== 'driver') killTrials(out);
            if (target === 'trials') driver.kill();
            await driver.ending;
          }
          const last = new ToyDriverProcess(out, SEARCH, 2);
          expect(await last.ending).toEqual({ code: 0, stderr: '' });
          await untilTrialsEnd(out);
          const manifest = readSweepManifest(join(out, 'sweeps', 'toy')) ?? null;
          expect(comparable(manifest)).toEqual(comparable(reference.manifest));
          // Throws if a run was begun again after its end, which a trial that is killed right then cannot note.
          expect(startsOf(out)['toy-0003']?.complete).toBeLessThanOrEqual(1);
        }),
        // What depends on the moment cannot be shrunk.
        { numRuns: Number(process.env['PIXELIS_SWEEP_KILLS'] ?? 2), endOnFailure: true },
      );
    },
    TIMEOUT_MS,
  );

  it('runSweep() goes on when processes of trials are killed, and stops when it is asked to', async () => {
    const out = fresh();
    const driver = new ToyDriverProcess(out, SEARCH, 2);
    await driver.untilNotes(1);
    killTrials(out);
    expect(await driver.ending).toEqual({ code: 0, stderr: '' });
    const manifest = readSweepManifest(join(out, 'sweeps', 'toy')) ?? null;
    const reference = await runSweep(toySweep(fresh(), SEARCH));
    expect(comparable(manifest)).toEqual(comparable(reference.manifest));
  });
});
