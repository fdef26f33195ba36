import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { editJson, flipWeight, repairChain, repairRecord } from '../support/forge-run';
import { type Ending, pixelis, runDocumented, TINY } from '../support/programs';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const ENV = {
  ...TINY,
  PIXELIS__TRAINING__STEPS: '6',
  PIXELIS__TRAINING__CHECKPOINT_EVERY: '3',
  PIXELIS__TRAINING__HASH_EVERY: '1',
};
const FINAL = 'checkpoints/final.safetensors';
const TENSOR = 'decoder.blocks.0.mlp.up.weight';

let recorded: string;

beforeAll(async () => {
  recorded = temporaryFolder();
  const command = 'npx nx run train:sft -- --run-id a --backend cpu --deterministic';
  const { code, stderr } = await runDocumented(command, { cwd: recorded, env: ENV });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
});

describe('pixelis verify of a run on the native backend', () => {
  it('asks for every bit on the same machine and library, and gets them', async () => {
    const { code, stdout } = await verify(recorded);
    expect(stdout).toMatch(/^asked for: bits +backend cpu on the same machine and library: /m);
    expect(stdout).toMatch(/^verified: 6 steps, 2 checkpoints, weights_sha256 [0-9a-f]{64}$/m);
    expect(code).toBe(0);
  });

  it('finds a changed bit there', async () => {
    const { code, stdout } = await verify(forged(0, {}));
    expect(stdout).toMatch(/^asked for: bits /m);
    expect(stdout).toMatch(/^final weights: differs +1 of \d+ tensors;/m);
    expect(code).toBe(5);
  });

  it('asks a run of another processor for tolerances, which one bit is within', async () => {
    const { code, stdout } = await verify(forged(0, { isElsewhere: true }));
    expect(stdout).toMatch(/^asked for: tolerances +system\.cpu\.model is another in A/m);
    expect(stdout).toMatch(/^final weights: close /m);
    expect(stdout).toMatch(/^verified within tolerances: 6 steps, 2 checkpoints$/m);
    expect(code).toBe(0);
  });

  it('finds weights that are outside of them', async () => {
    const { code, stdout } = await verify(forged(30, { isElsewhere: true }));
    expect(stdout).toMatch(/^asked for: tolerances /m);
    expect(stdout).toMatch(/^final weights: differs /m);
    expect(stdout).toMatch(/^class +environment$/m);
    expect(code).toBe(5);
  });

  it('asks for every bit of a prefix', async () => {
    const { code, stdout } = await verify(recorded, ['--steps', '4']);
    expect(stdout).toMatch(/^verified: 4 steps, 1 checkpoint$/m);
    expect(code).toBe(0);
  });
});

// Helpers

function verify(cwd: string, args: readonly string[] = []): Promise<Ending> {
  return pixelis(['verify', 'a', ...args], { cwd });
}

/** A copy with a bit of the final weights flipped and every hash repaired, as if it came from elsewhere where asked. */
function forged(bit: number, { isElsewhere = false }: { isElsewhere?: boolean }): string {
  const cwd = temporaryFolder();
  cpSync(recorded, cwd, { recursive: true });
  const run = join(cwd, 'out', 'runs', 'a');
  flipWeight(join(run, FINAL), TENSOR, bit);
  repairChain(run);
  if (isElsewhere)
    editJson(join(run, 'environment.json'), (text) =>
      text.replace(/"model":"[^"]*"/, '"model":"another"'),
    );
  repairRecord(run);
  return cwd;
}
