import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactManager } from '@pixelis/artifacts';
import { folderState } from '../support/folder-state';
import { type Ending, evaluate, trainTiny } from '../support/programs';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();
let before: Record<string, string>;

beforeAll(async () => {
  await trainTiny(cwd, ['--run-id', 'trained']);
  const weights = readFileSync(join(cwd, 'out/runs/trained/checkpoints/final.safetensors'));
  writeFileSync(join(cwd, 'whole.safetensors'), weights);
  writeFileSync(join(cwd, 'cut.safetensors'), weights.subarray(0, weights.length - 4));
  writeFileSync(join(cwd, 'text.safetensors'), 'these are no weights');
  mkdirSync(join(cwd, 'empty'));
  await ArtifactManager.open({ root: join(cwd, 'out') }).put(
    'dataset-changed-1',
    { 'card.json': await changedCard() },
    { type: 'dataset', isExternal: true },
  );
  await ArtifactManager.open({ root: join(cwd, 'out') }).put(
    'dataset-broken-1',
    { 'card.json': new TextEncoder().encode('{"name":') },
    { type: 'dataset', isExternal: true },
  );
  before = folderState(cwd);
});

describe('evaluate refuses wrong input before it writes anything', () => {
  it.each<readonly [args: string[], exitCode: number, says: RegExp]>([
    [['--nope'], 2, /--nope/],
    [['--modl', 'x'], 2, /did you mean --model/],
    [['extra'], 2, /"extra"/],
    [['--threads', '2'], 2, /hardware\.threads is 2/],
    [['--benchmark', 'digits-harder'], 2, /--benchmark must be digits or/],
    [['--model', 'model-trainedd'], 2, /"model-trainedd".*\n.*model-trained/],
    [['--model', 'model-trained:v9'], 2, /v9/],
    [['--model', 'dataset-mnist-1'], 2, /dataset-mnist-1:1\.0\.0, of type dataset, does not hold one safetensors/],
    [['--model', 'missing.safetensors'], 4, /missing\.safetensors/],
    [['--model', './empty'], 4, /empty/],
    [['--model', 'text.safetensors'], 4, /text\.safetensors is no safetensors file/],
    [['--model', 'cut.safetensors'], 4, /cut\.safetensors is no safetensors file/],
    [['--model', 'whole.safetensors'], 2, /weights are of another model/],
    [['--model', 'model-trained', 'model.dim=16'], 2, /weights are of another model/],
    [['--dataset', 'digits-reasonin'], 2, /"digits-reasonin".*\n.*"digits-reasoning"/],
    [['--dataset', 'mnist'], 2, /"mnist" has no questions/],
    [['--dataset', 'dataset-mnist-1'], 2, /"mnist" has no questions/],
    [['--dataset', 'model-trained'], 2, /model-trained/],
    [['--dataset', 'dataset-changed-1'], 4, /dataset-changed-1 are not those that are installed/],
    [['--dataset', 'dataset-broken-1'], 4, /dataset-broken-1:1\.0\.0 describes no data set/],
    [['training.test_examples=10001'], 2, /training\.test_examples is 10001/],
    [['training.test_examples=0'], 2, /training\.test_examples/],
    [['training.tst=1'], 2, /training\.tst/],
    [['data.directory=empty'], 4, /t10k-/],
    [['--run-id', 'trained'], 2, /trained/],
    [['--run-id', '../x'], 2, /\.\.\/x/],
    [['--out', 'nowhere'], 2, /No run has made a model in .*nowhere/],
    [['--config', 'missing.yaml'], 2, /missing\.yaml/],
    [['--backend', 'cpu'], 3, /native library/],
  ])('%j', async (args, exitCode, says) => {
    const ending = await evaluate(args, cwd);
    expectFailure(ending, { exitCode, says });
    expect(folderState(cwd)).toEqual(before);
  }); // prettier-ignore

  it('and says so in JSON where that is asked for', async () => {
    const { code, stdout } = await evaluate(['--model', 'nope', '--json'], cwd);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'ARTIFACT_UNKNOWN',
        message: expect.stringContaining('"nope"') as string,
        remedy: expect.any(String) as string,
        exit_code: 2,
      },
    });
  });

  it('damaged weights in the store', async () => {
    const folder = temporaryFolder();
    await trainTiny(folder);
    const manager = ArtifactManager.open({ root: join(folder, 'out') });
    const [version] = manager.list({ type: 'model' });
    const [file] = await manager.files(version!);
    const blobs = join(folder, 'out/store/v1/blobs', file!.sha256.slice(0, 2));
    const path = join(blobs, file!.sha256);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = bytes[bytes.length - 1]! ^ 1;
    writeFileSync(path, bytes);
    expectFailure(await evaluate([], folder), { exitCode: 5, says: new RegExp(file!.sha256) });
  });
});

// Helpers

/** The card of the data set that training used, with other hashes. */
async function changedCard(): Promise<Uint8Array> {
  const manager = ArtifactManager.open({ root: join(cwd, 'out') });
  const used = await manager.use('dataset-digits-reasoning-1');
  const [file] = await used.files();
  const card = new TextDecoder().decode(await used.readBytes(file!.path));
  return new TextEncoder().encode(card.replace(/[0-9a-f]{64}/, '0'.repeat(64)));
}

/** Two lines on stderr, nothing on stdout. */
function expectFailure(ending: Ending, { exitCode, says }: { exitCode: number; says: RegExp }) {
  expect(ending).toMatchObject({ code: exitCode, stdout: '' });
  expect(ending.stderr).toMatch(/^error: .+\nremedy: .+\n$/);
  expect(ending.stderr).toMatch(says);
}
