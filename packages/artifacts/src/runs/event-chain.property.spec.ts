import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { verifyEventChain } from './event-chain';
import { EventLog } from './event-log';

const folder = useTemporaryFolder()();
const path = join(folder, 'events.jsonl');

const chains = fc
  .array(
    fc.record({
      type: fc.string({ minLength: 1 }),
      data: fc.dictionary(fc.string(), fc.integer()),
    }),
    {
      minLength: 2,
      maxLength: 12,
    },
  )
  .map((events) => {
    writeFileSync(path, '');
    const log = new EventLog(path);
    for (const { type, data } of events) log.append(type, data);
    log.close();
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return { lines, expected: { head: log.head, count: log.count } };
  });

function verifyLines(lines: readonly string[], expected: { head: string; count: number }) {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return verifyEventChain(path, expected);
}

describe('verifyEventChain', () => {
  it('verifyEventChain() accepts every chain that EventLog wrote', () => {
    fc.assert(
      fc.property(chains, ({ lines, expected }) => {
        expect(verifyLines(lines, expected)).toMatchObject({ isIntact: true, problem: null });
      }),
    );
  });

  it('verifyEventChain() names the line of any changed byte', () => {
    fc.assert(
      fc.property(
        chains,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        ({ lines, expected }, at, flip) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const index = at % bytes.length;
          const line = 1 + bytes.subarray(0, index).filter((byte) => byte === 0x0a).length;
          bytes.writeUInt8(bytes.readUInt8(index) ^ flip, index);
          writeFileSync(path, bytes);
          expect(verifyEventChain(path, expected).problem?.line).toBe(line);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('verifyEventChain() names the line of an event whose fields were rewritten', () => {
    fc.assert(
      fc.property(
        chains,
        fc.nat(),
        fc.constantFrom(
          { data: { forged: 1 } },
          { previous: 'f'.repeat(64) },
          { time: '2000-01-01T00:00:00.000Z' },
        ),
        ({ lines, expected }, at, change) => {
          const index = at % lines.length;
          const event = { ...(JSON.parse(lines[index]!) as object), ...change };
          const forged = JSON.stringify(Object.fromEntries(Object.entries(event).sort()));
          expect(verifyLines(lines.with(index, forged), expected).problem?.line).toBe(index + 1);
        },
      ),
    );
  });

  it('verifyEventChain() finds any removed run of lines, at its place', () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.nat(), ({ lines, expected }, at, some) => {
        const start = at % lines.length;
        const count = 1 + (some % (lines.length - start));
        const left = lines.toSpliced(start, count);
        expect(verifyLines(left, expected).problem?.line).toBe(start + 1);
      }),
    );
  });

  it('verifyEventChain() finds any two lines that were swapped', () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.nat(), ({ lines, expected }, first, second) => {
        const [a, b] = [first % lines.length, second % lines.length].sort((x, y) => x - y);
        fc.pre(a !== b);
        const swapped = lines.with(a!, lines[b!]!).with(b!, lines[a!]!);
        expect(verifyLines(swapped, expected).problem?.line).toBe(a! + 1);
      }),
    );
  });

  it('verifyEventChain() finds a file cut at any byte', () => {
    fc.assert(
      fc.property(chains, fc.nat(), ({ lines, expected }, at) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        writeFileSync(path, bytes.subarray(0, at % bytes.length));
        expect(verifyEventChain(path, expected).isIntact).toBe(false);
      }),
    );
  });
});
