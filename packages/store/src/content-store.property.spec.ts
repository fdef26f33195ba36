import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import fc from 'fast-check';
import { sampleBytes } from '../test/sample-bytes';
import { filesBelow, useTemporaryFolder } from '../test/temporary-folder';
import { ContentStore } from './content-store';
import type { ContentStoreOptions } from './types';

const MIB = 1 << 20;
const GRACE_MS = 1000;
const LONG = sampleBytes(5 * MIB);
/** Few contents, so that commands meet; two long ones that share their chunks but the last. */
const CONTENTS: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('a'),
  Buffer.from('b'.repeat(5000)),
  LONG,
  Buffer.concat([LONG.subarray(0, 4 * MIB), sampleBytes(MIB, 2)]),
];
const ADDRESSES = CONTENTS.map((content) => sha256(content));
const OPTIONS: readonly ContentStoreOptions[] = [{}, { chunking: 'none' }, { compression: 'zstd' }];
const temporaryFolder = useTemporaryFolder();

/** What the store must be: for each content, when it was put last and which time the last collection marked. */
interface Model {
  timeMs: number;
  readonly contents: Map<number, { putMs: number; markedMs: number | null }>;
}

interface Real {
  readonly folder: string;
  readonly clock: { timeMs: number };
}

type Command = fc.AsyncCommand<Model, Real>;

class Put implements Command {
  constructor(
    readonly which: number,
    readonly options: number,
  ) {}
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const content = CONTENTS[this.which]!;
    const reference = await open(real, this.options).put(content);
    expect(reference).toEqual({ sha256: ADDRESSES[this.which], bytes: content.byteLength });
    const before = model.contents.get(this.which);
    model.contents.set(this.which, { putMs: model.timeMs, markedMs: before?.markedMs ?? null });
    await compare(model, real);
  }
  toString = () => `put(${this.which}, ${JSON.stringify(OPTIONS[this.options])})`;
}

class Wait implements Command {
  constructor(readonly ms: number) {}
  check = () => true;
  run(model: Model, real: Real): Promise<void> {
    model.timeMs += this.ms;
    real.clock.timeMs = model.timeMs;
    return Promise.resolve();
  }
  toString = () => `wait(${this.ms})`;
}

class Collect implements Command {
  constructor(
    readonly live: readonly number[],
    readonly isApplied: boolean,
  ) {}
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const live = this.live.map((which) => ADDRESSES[which]!);
    const { isApplied } = this;
    const report = await open(real, 0).collect({ live, gracePeriodMs: GRACE_MS, isApplied });
    const taken: number[] = [];
    for (const [which, entry] of [...model.contents]) {
      const isDying = !this.live.includes(which) && model.timeMs - entry.putMs >= GRACE_MS;
      const isTaken = isDying && entry.markedMs === entry.putMs;
      if (isTaken) taken.push(which);
      if (!isApplied) continue;
      if (isTaken) model.contents.delete(which);
      else entry.markedMs = isDying ? entry.putMs : null;
    }
    expect(addresses(report.taken)).toEqual(taken.map((which) => ADDRESSES[which]!).sort());
    const missing = this.live.filter((which) => !model.contents.has(which));
    expect(report.missing).toEqual([...new Set(missing.map((which) => ADDRESSES[which]!))].sort());
    await compare(model, real);
  }
  toString = () => `collect([${this.live.join(', ')}], ${this.isApplied})`;
}

class Damage implements Command {
  constructor(
    readonly where: number,
    readonly bit: number,
  ) {}
  check = (model: Model) => [...model.contents.keys()].some((which) => which !== 0);
  async run(model: Model, real: Real): Promise<void> {
    const files = filesBelow(real.folder).filter((path) =>
      /^v1\/(blobs|chunks|lists)\//.test(path),
    );
    const path = join(real.folder, files[this.where % files.length]!);
    const bytes = readFileSync(path);
    if (bytes.byteLength === 0) return;
    bytes[this.where % bytes.byteLength]! ^= 1 << this.bit;
    writeFileSync(path, bytes);
    const { isIntact, damaged } = await open(real, 0).verify();
    expect(isIntact).toBe(false);
    const damagedAddresses = damaged.map((content) => content.sha256);
    for (const [which, address] of ADDRESSES.entries()) {
      if (!model.contents.has(which)) continue;
      const isReadable = await reads(real, which);
      if (!isReadable) expect(damagedAddresses).toContain(address);
      // Healed here and now, so that the model need not know which files hold what.
      await open(real, 0).put(CONTENTS[which]!);
      model.contents.set(which, { putMs: model.timeMs, markedMs: null });
    }
    expect(await open(real, 0).verify()).toMatchObject({ isIntact: true });
    await compare(model, real);
  }
  toString = () => `damage(${this.where}, ${this.bit})`;
}

describe('ContentStore', () => {
  it('is, whatever is done to it, what a table in memory would be', async () => {
    const which = fc.nat(CONTENTS.length - 1);
    const commands = fc.commands(
      [
        fc.tuple(which, fc.nat(OPTIONS.length - 1)).map((args) => new Put(...args)),
        fc.tuple(which, fc.nat(OPTIONS.length - 1)).map((args) => new Put(...args)),
        fc.constantFrom(1, GRACE_MS - 1, GRACE_MS).map((ms) => new Wait(ms)),
        fc
          .tuple(fc.array(which, { maxLength: 3 }), fc.boolean())
          .map((args) => new Collect(...args)),
        fc.tuple(fc.nat(), fc.nat(7)).map((args) => new Damage(...args)),
      ],
      { maxCommands: 15 },
    );
    await fc.assert(
      fc.asyncProperty(commands, async (list) => {
        const timeMs = Date.parse('2026-01-01T00:00:00Z');
        const setup = () => ({
          model: { timeMs, contents: new Map() },
          real: { folder: temporaryFolder(), clock: { timeMs } },
        });
        await fc.asyncModelRun(setup, list);
      }),
      { numRuns: Number(process.env['PIXELIS_STORE_MODEL_RUNS'] ?? 15) },
    );
  });
});

// Helpers

/** A store that was just opened: nothing may depend on what an instance remembers. */
function open({ folder, clock }: Real, options: number): ContentStore {
  return ContentStore.open(folder, { ...OPTIONS[options], now: () => new Date(clock.timeMs) });
}

async function compare(model: Model, real: Real): Promise<void> {
  const store = open(real, 0);
  const listed: unknown[] = [];
  for await (const content of store.list()) listed.push(content);
  const expected = [...model.contents.keys()].map((which) => ({
    sha256: ADDRESSES[which]!,
    bytes: CONTENTS[which]!.byteLength,
  }));
  expect(listed).toEqual(expected.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)));
  for (const [which, address] of ADDRESSES.entries()) {
    expect(await store.has(address)).toBe(model.contents.has(which));
    expect(await reads(real, which)).toBe(model.contents.has(which));
  }
}

async function reads(real: Real, which: number): Promise<boolean> {
  try {
    const bytes = await open(real, 0).readBytes(ADDRESSES[which]!);
    expect(CONTENTS[which]!.equals(bytes)).toBe(true);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: 'IntegrityError' });
    return false;
  }
}

function addresses(files: readonly { kind: string; sha256: string }[]): string[] {
  return [
    ...new Set(files.filter(({ kind }) => kind === 'content').map((file) => file.sha256)),
  ].sort();
}
