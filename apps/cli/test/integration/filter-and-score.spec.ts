import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { jsonOf } from '../support/expect-json';
import { folderState } from '../support/folder-state';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const GOOD = { question: 'What is 2 + 2?', steps: ['take 2', 'add 2 more: 4'], answer: '4' };
const BAD = { question: 'What is 3 + 3?', steps: [], answer: '' };

describe('pixelis filter-and-score', () => {
  it('keeps good trajectories once, as a data set made from the raw one', async () => {
    const cwd = temporaryFolder();
    writeRecords(join(cwd, 'raw.jsonl'), [GOOD, BAD, GOOD]);
    const args = ['--input', 'raw.jsonl', '--output', 'good.jsonl', '--dataset-name', 'sums'];
    const { code, stdout } = await runPixelis(['filter-and-score', ...args], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0\.0-0\.1 {2}1 {2}█{40}$/m);
    expect(stdout).toMatch(/^kept 1 of 3 examples \(1 duplicate\)\ndataset-sums_sft-v1:v1$/m);
    const kept = readFileSync(join(cwd, 'good.jsonl'), 'utf8').trimEnd().split('\n');
    expect(kept.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...GOOD,
        quality_score: expect.any(Number) as number,
        quality_components: expect.any(Object) as object,
      },
    ]);
    const lineage = await runPixelis(['lineage', 'show', 'dataset-sums_sft-v1'], { cwd });
    expect(lineage.stdout).toMatch(/made by run .*\(filter-and-score, COMPLETED\)\n.*dataset-raw-raw:v1 \(external\)/);
  }); // prettier-ignore

  it('makes the same version of the same examples', async () => {
    const cwd = temporaryFolder();
    writeRecords(join(cwd, 'raw.json'), [GOOD], 'json');
    const args = ['filter-and-score', '--input', 'raw.json', '--output', 'good.json', '--dataset-name', 'sums', '--dataset-type', 'rft', '--dataset-version', '2.0', '--json'];
    const first = jsonOf(await runPixelis(args, { cwd }));
    const again = jsonOf(await runPixelis(args, { cwd }));
    expect(first).toMatchObject({ artifact: { name: 'dataset-sums_rft-2.0', is_new: true }, summary: { kept: 1, minimum_score: 0.7 } });
    expect(again).toMatchObject({ artifact: { version: '1.0.0', is_new: false } });
    expect(JSON.parse(readFileSync(join(cwd, 'good.json'), 'utf8'))).toHaveLength(1);
  }); // prettier-ignore

  it('keeps good pictures, with their files in the data set', async () => {
    const cwd = temporaryFolder();
    await writePictures(join(cwd, 'raw'));
    const args = ['filter-and-score', '--input', 'raw', '--output', 'good.jsonl', '--dataset-name', 'pictures', '--dataset-type', 'images', '--min-quality-score', '0.5'];
    const { code, stdout } = await runPixelis(args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kept 1 of 3 examples \(1 duplicate\)$/m);
    expect(await runPixelis(['artifacts', 'get', 'dataset-pictures_images-v1', 'got'], { cwd })).toMatchObject({ code: 0 });
    expect(Object.keys(folderState(join(cwd, 'got'))).filter((path) => path.endsWith('.png'))).toEqual([join('images', 'sharp.png')]);
    expect(readFileSync(join(cwd, 'good.jsonl'), 'utf8')).toMatch(/"path":"sharp\.png","quality_components":\{.*"width":256/);
  }); // prettier-ignore

  it('records nothing where nothing is good enough or the output cannot be written', async () => {
    const cwd = temporaryFolder();
    writeRecords(join(cwd, 'bad.jsonl'), [BAD]);
    writeRecords(join(cwd, 'good.jsonl'), [GOOD]);
    const before = folderState(cwd);
    const filter = (input: string, output: string) =>
      runPixelis(
        ['filter-and-score', '--input', input, '--output', output, '--dataset-name', 'x'],
        { cwd },
      );
    expect(await filter('bad.jsonl', 'o.jsonl')).toMatchObject({ code: 4 });
    expect(await filter('good.jsonl', 'no/o.jsonl')).toMatchObject({ code: 4 });
    expect(await filter('good.jsonl', '.')).toMatchObject({ code: 4 });
    expect(folderState(cwd)).toEqual(before);
  });
});

// Helpers

function writeRecords(path: string, records: readonly unknown[], format = 'jsonl'): void {
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  writeFileSync(path, format === 'json' ? JSON.stringify(records) : lines);
}

/** A sharp picture twice, and a flat one. */
async function writePictures(folder: string): Promise<void> {
  mkdirSync(folder);
  const side = 256;
  const pixels = Uint8Array.from({ length: side * side }, (_, at) => (at * 2_654_435_761) >>> 24);
  const raw = { width: side, height: side, channels: 1 } as const;
  await sharp(pixels, { raw }).png().toFile(join(folder, 'sharp.png'));
  await sharp(pixels, { raw }).png().toFile(join(folder, 'zcopy.png'));
  await sharp(new Uint8Array(side * side).fill(128), { raw }).png().toFile(join(folder, 'flat.png'));
} // prettier-ignore
