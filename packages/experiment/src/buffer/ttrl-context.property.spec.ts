import fc from 'fast-check';
import { ArtifactManager } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { TTRLContext } from './ttrl-context';

const temporaryFolder = useTemporaryFolder();

/** A zero has no sign in JSON. */
const jsonValues = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

const commands = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), value: jsonValues }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('update' as const), at: fc.nat(), value: jsonValues }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), count: fc.nat(5) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('swap' as const), at: fc.nat(), with: fc.nat() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('snapshot' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), which: fc.nat() }) },
);
type Command = typeof commands extends fc.Arbitrary<infer One> ? One : never;

/** Changes the buffer by a command that is neither a snapshot nor a restoration. */
function change(buffer: JsonValue[], command: Command): void {
  const { length } = buffer;
  if (command.kind === 'add') buffer.push(command.value);
  if (length === 0) return;
  if (command.kind === 'update') buffer[command.at % length] = command.value;
  if (command.kind === 'remove') buffer.splice(command.at % length, command.count);
  if (command.kind === 'swap') {
    const [a, b] = [command.at % length, command.with % length];
    [buffer[a], buffer[b]] = [buffer[b]!, buffer[a]!];
  }
}

describe('TTRLContext', () => {
  it('restores any snapshot of any history as the buffer was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commands, { maxLength: 25 }), async (history) => {
        const context = new TTRLContext({
          artifacts: ArtifactManager.open({ root: temporaryFolder() }),
        });
        let buffer: JsonValue[] = [];
        const taken: { spec: string; buffer: JsonValue[] }[] = [];
        for (const command of history) {
          change(buffer, command);
          if (command.kind === 'snapshot')
            taken.push({ spec: (await context.snapshot(buffer)).spec, buffer: [...buffer] });
          const one = command.kind === 'restore' ? taken[command.which % taken.length] : undefined;
          if (one !== undefined) buffer = await context.restore(one.spec);
        }
        for (const { spec, buffer: expected } of taken)
          expect(await context.restore(spec)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});
