import workerThreads from 'node:worker_threads';

import * as fc from 'fast-check';

import { Generator } from './generator';
import { type GlobalSeed, setGlobalSeed } from './global-seed';

describe('setGlobalSeed()', () => {
  it('undone seeding leaves no trace, in whatever order it is undone (H6)', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ seed: fc.oneof(fc.constantFrom(0, 1), fc.maxSafeNat()) }),
        fc.record({ undo: fc.nat() }),
        fc.record({ draw: fc.nat(3) }),
      ),
      { maxLength: 15 },
    );
    const before = [Math.random, workerThreads.Worker, { ...process.env }];
    fc.assert(
      fc.property(
        steps,
        fc.infiniteStream(fc.nat()),
        (program, order: Iterator<number, number>) => {
          const active: GlobalSeed[] = [];
          const undo = (index: number) => active.splice(index % active.length, 1)[0]?.restore();
          for (const step of program) {
            if ('seed' in step) active.push(setGlobalSeed(step.seed));
            else if ('undo' in step) undo(step.undo);
            else for (let count = 0; count < step.draw; count++) Math.random();
            const last = active.at(-1);
            expect(process.env['PYTHONHASHSEED']).toBe(last && String(last.seed % 2 ** 32));
          }
          while (active.length > 0) undo(order.next().value);
          expect([Math.random, workerThreads.Worker, { ...process.env }]).toEqual(before);
          expect(Math.random).toBe(before[0]);
        },
      ),
    );
  });

  it('a seed inside a seed does not move the outer stream (H6)', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), fc.nat(20), (outer, inner, count) => {
        const stream = Generator.fromSeed(outer).fork('Math.random');
        const outside = setGlobalSeed(outer);
        expect(Math.random()).toBe(stream.uniform());
        const inside = setGlobalSeed(inner);
        for (let index = 0; index < count; index++) Math.random();
        inside.restore();
        expect(Math.random()).toBe(stream.uniform());
        outside.restore();
      }),
    );
  });
});
