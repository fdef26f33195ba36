import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, firstDifference, trainSmall } from './small-training';

const DIGESTS = new Map([
  ['metrics.jsonl', 'a'],
  ['checkpoints/final.safetensors', 'b'],
]);

let out: string;

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'pixelis-matrix-test-'));
});

afterEach(() => {
  rmSync(out, { recursive: true, force: true, maxRetries: 5 });
});

describe('trainSmall()', () => {
  it('gives the same whether it was killed or not, and another digest for a file that differs', async () => {
    const node = [process.execPath];
    const whole = await trainSmall(node, { out: join(out, 'whole'), threads: 1 });
    const resumed = await trainSmall(node, {
      out: join(out, 'killed'),
      threads: 1,
      resumeWith: node,
    });
    expect([...whole.keys()]).toEqual(
      expect.arrayContaining(['metrics.jsonl', 'checkpoints/final.safetensors']),
    );
    expect(firstDifference(whole, resumed)).toBeUndefined();
    expect(digestOf(resumed)).toBe(digestOf(whole));
  }, 180_000);

  it('fails with what the program says when it does not start, as with a flag that V8 does not know', async () => {
    const program = [process.execPath, '--no-enable-nothing'];
    await expect(trainSmall(program, { out, threads: 1 })).rejects.toThrow(/exit 9: .*bad option/);
    await expect(trainSmall([join(out, 'no-such-node')], { out, threads: 1 })).rejects.toThrow(
      'ENOENT',
    );
  });
});

describe('firstDifference()', () => {
  it('names the first file that differs or is missing, and none for equal ones', () => {
    expect(firstDifference(DIGESTS, new Map(DIGESTS))).toBeUndefined();
    expect(firstDifference(DIGESTS, new Map([...DIGESTS, ['metrics.jsonl', 'c']]))).toBe(
      'metrics.jsonl',
    );
    expect(firstDifference(DIGESTS, new Map([...DIGESTS, ['chain.jsonl', 'c']]))).toBe(
      'chain.jsonl',
    );
  });
});

describe('digestOf()', () => {
  it('is that of the lines of sha256sum', () => {
    const lines = 'a  metrics.jsonl\nb  checkpoints/final.safetensors\n';
    expect(digestOf(DIGESTS)).toBe(createHash('sha256').update(lines).digest('hex'));
  });
});
