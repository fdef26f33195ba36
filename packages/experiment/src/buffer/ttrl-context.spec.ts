import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactManager } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { MERGE_COUNT } from './segment-plan';
import { TTRLContext } from './ttrl-context';

const temporaryFolder = useTemporaryFolder();

/** How large the growing buffer becomes; 10,000 shows what the README says. */
const ENTRY_COUNT = Number(process.env['PIXELIS_BUFFER_ENTRIES'] ?? 1400);

/** A context whose clock goes on a second with each snapshot. */
function openContext(root = temporaryFolder(), startSeconds = 1_700_000_000) {
  const artifacts = ArtifactManager.open({ root });
  let seconds = startSeconds;
  const now = () => new Date(1000 * seconds++);
  return { root, artifacts, context: new TTRLContext({ artifacts, now }) };
}

function storedFiles(root: string): { path: string; bytes: number }[] {
  const folder = join(root, 'store');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => ({ path, stats: statSync(join(folder, path)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ path, stats }) => ({ path, bytes: stats.size }));
}

function storedBytes(root: string): number {
  return storedFiles(root).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** An entry of some 2 KB that does not repeat. */
function entry(id: number, reward = 0): JsonValue {
  let state = (id + 1) * 2_654_435_761;
  const digits = Array.from({ length: 240 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state.toString(36).padStart(7, '0');
  });
  return { id: `e${id}`, reward, answer: digits.join(' ') };
}

describe('TTRLContext', () => {
  it('names a snapshot after its second, and restores it exactly', async () => {
    const { context } = openContext();
    const buffer = [entry(1), entry(2), 'text', null, { nested: [1.5, { deep: [] }] }, entry(1)];
    const { spec, entryCount, writtenCount } = await context.snapshot(buffer);
    expect(spec).toBe('experience_buffer_1700000000:1.0.0');
    expect({ entryCount, writtenCount }).toEqual({ entryCount: 6, writtenCount: 5 });
    expect(await context.restore(spec)).toEqual(buffer);
  });

  it('restores each snapshot as it was, whatever was added, changed, evicted and moved since', async () => {
    const { context } = openContext();
    const buffers: JsonValue[][] = [
      [],
      [entry(1), entry(2), entry(3)],
      [entry(2), entry(3), entry(4)],
      [entry(3), entry(2, 0.5), entry(4), entry(4)],
      [entry(1)],
      [],
    ];
    const specs: string[] = [];
    for (const buffer of buffers) specs.push((await context.snapshot(buffer)).spec);
    for (const [index, spec] of specs.entries())
      expect(await context.restore(spec)).toEqual(buffers[index]);
  });

  it('writes only what is new', async () => {
    const { context } = openContext();
    const buffer = Array.from({ length: 50 }, (_, id) => entry(id));
    expect((await context.snapshot(buffer)).writtenCount).toBe(50);
    expect((await context.snapshot([...buffer, entry(50)])).writtenCount).toBe(1);
    expect((await context.snapshot([...buffer.slice(5), entry(50)])).writtenCount).toBe(0);
    buffer[7] = entry(7, 1);
    expect((await context.snapshot([...buffer, entry(50)])).writtenCount).toBe(1 + 5);
  });

  it('stores 20 snapshots of a growing buffer in hardly more than the buffer', async () => {
    const { root, context } = openContext();
    const buffer: JsonValue[] = [];
    for (let snapshot = 1; snapshot <= 20; snapshot++) {
      while (buffer.length < (ENTRY_COUNT / 20) * snapshot) buffer.push(entry(buffer.length));
      await context.snapshot(buffer);
    }
    const texts = buffer.map((one) => JSON.stringify(one));
    const bufferBytes = texts.reduce((sum, text) => sum + text.length + 1, 0);
    expect(bufferBytes).toBeGreaterThan(1900 * ENTRY_COUNT);
    expect(storedBytes(root) / bufferBytes).toBeLessThan(ENTRY_COUNT < 10_000 ? 1.03 : 1.01);
  });

  it('merges small segments, so that many snapshots of a few entries have few of them', async () => {
    const { context } = openContext();
    const buffer: JsonValue[] = [];
    let last = '';
    for (let id = 0; id < 20; id++) {
      buffer.push(entry(id));
      last = (await context.snapshot(buffer)).spec;
    }
    const { segments } = await context.describe(last);
    expect(segments.length).toBeLessThanOrEqual(3 * (MERGE_COUNT - 1));
    expect(await context.restore(last)).toEqual(buffer);
  });

  it('keeps no segment of which less than half is in the buffer', async () => {
    const { context } = openContext();
    const buffer = Array.from({ length: 400 }, (_, id) => entry(id));
    await context.snapshot(buffer);
    let spec = '';
    for (let first = 50; first <= 400; first += 50) {
      for (let id = 0; id < 50; id++) buffer.push(entry(350 + first + id));
      buffer.splice(0, 50);
      ({ spec } = await context.snapshot(buffer));
      const { segments, entryCount } = await context.describe(spec);
      expect(entryCount).toBe(400);
      for (const { liveCount, lineCount } of segments)
        expect(liveCount).toBeGreaterThanOrEqual(0.45 * lineCount);
    }
    expect(await context.restore(spec)).toEqual(buffer);
  });

  it('takes the buffer as it is at the call, even while an earlier snapshot is being stored', async () => {
    const { context } = openContext();
    const buffer: JsonValue[] = [entry(1)];
    const first = context.snapshot(buffer);
    const live = { reward: 0 };
    buffer.push(live);
    const second = context.snapshot(buffer);
    live.reward = 1;
    buffer.length = 0;
    const [a, b] = await Promise.all([first, second]);
    expect(await context.restore(a.spec)).toEqual([entry(1)]);
    expect(await context.restore(b.spec)).toEqual([entry(1), { reward: 0 }]);
  });

  it('goes on from a restored snapshot in another process', async () => {
    const { root, context } = openContext();
    const buffer = Array.from({ length: 20 }, (_, id) => entry(id));
    const { spec } = await context.snapshot(buffer);
    const next = openContext(root, 1_700_000_100).context;
    const restored = await next.restore(spec);
    expect(await next.snapshot([...restored, entry(20)])).toMatchObject({
      writtenCount: 1,
      version: { parents: [{ name: 'experience_buffer_1700000000' }] },
    });
  });

  it('lists snapshots, newest first, and what one holds', async () => {
    const { context } = openContext();
    await context.snapshot([entry(1), entry(2)]);
    const { spec } = await context.snapshot([entry(2), entry(3)]);
    expect(context.snapshots().map(({ name, metadata }) => [name, metadata])).toEqual([
      ['experience_buffer_1700000001', { entry_count: 2, written_count: 1 }],
      ['experience_buffer_1700000000', { entry_count: 2, written_count: 2 }],
    ]);
    expect(await context.describe(spec)).toMatchObject({
      entryCount: 2,
      segments: [
        { lineCount: 2, liveCount: 1 },
        { lineCount: 1, liveCount: 1 },
      ],
    });
  });

  it('makes two versions of one artifact within a second', async () => {
    const artifacts = ArtifactManager.open({ root: temporaryFolder() });
    const context = new TTRLContext({ artifacts, now: () => new Date(5000) });
    expect((await context.snapshot([1])).spec).toBe('experience_buffer_5:1.0.0');
    expect((await context.snapshot([2])).spec).toBe('experience_buffer_5:2.0.0');
    expect(await context.restore('experience_buffer_5:1.0.0')).toEqual([1]);
    expect(await context.restore('experience_buffer_5')).toEqual([2]);
  });

  it('refuses what JSON cannot hold, and stores nothing', async () => {
    const { context, artifacts } = openContext();
    await expect(context.snapshot([1, { reward: NaN }])).rejects.toThrow('NaN at $.reward');
    expect(artifacts.list()).toEqual([]);
  });

  it('refuses an artifact of another kind', async () => {
    const { context, artifacts } = openContext();
    await artifacts.put('model-a', { 'weights.bin': new Uint8Array([1]) });
    await expect(context.restore('model-a')).rejects.toMatchObject({
      code: 'ARTIFACT_NOT_A_BUFFER',
    });
    await expect(context.restore('experience_buffer_7')).rejects.toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
    });
  });

  it('refuses a snapshot whose index does not fit its segments', async () => {
    const { context, artifacts } = openContext();
    const bytes = (text: string) => new TextEncoder().encode(text);
    const index = {
      buffer_version: 1,
      entry_count: 2,
      segments: [{ path: 'segments/a.jsonl', line_count: 2 }],
      runs: [[0, 0, 2]],
    };
    const broken = [
      { ...index, entry_count: 3 },
      { ...index, runs: [[0, 1, 2]] },
      { ...index, runs: [[1, 0, 2]] },
      { ...index, buffer_version: 2 },
      index,
    ];
    for (const [seconds, one] of broken.entries()) {
      await artifacts.put(`experience_buffer_${seconds}`, {
        'index.json': bytes(JSON.stringify(one)),
        'segments/a.jsonl': bytes('1\n'),
      });
      await expect(context.restore(`experience_buffer_${seconds}`)).rejects.toMatchObject({
        code: 'BUFFER_INDEX_BROKEN',
      });
    }
  });

  it('stores everything again once content of the last snapshot is damaged', async () => {
    const { root, context, artifacts } = openContext();
    const { version } = await context.snapshot([entry(1)]);
    const [, segment] = await artifacts.files(version);
    const blob = storedFiles(root).find(({ path }) => path.includes(segment!.sha256))!;
    const path = join(root, 'store', blob.path);
    const content = readFileSync(path);
    content[9]! ^= 1;
    chmodSync(path, 0o644);
    writeFileSync(path, content);
    await expect(context.snapshot([entry(1), entry(2)])).rejects.toMatchObject({
      code: 'CONTENT_DAMAGED',
    });
    expect((await context.snapshot([entry(2), entry(3)])).writtenCount).toBe(2);
  });
});
