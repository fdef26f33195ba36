import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { FACTS, openExample } from '../../test/example-run';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { auditRun } from './audit-run';
import { EventLog } from './event-log';

const temporaryFolder = useTemporaryFolder();
const EVENTS = 8;
let complete: { path: string; directory: string; lines: string[] };
let open: typeof complete;

function recorded(directory: string): typeof complete {
  const path = join(directory, 'events.jsonl');
  return { directory, path, lines: readFileSync(path, 'utf8').split('\n').slice(0, -1) };
}

beforeAll(async () => {
  for (const runId of ['complete', 'open']) {
    const run = openExample(temporaryFolder(), { runId });
    for (let index = 1; index <= EVENTS - 2; index++) run.event('note', { index });
    if (runId === 'open') run.fail('end');
    else await run.complete(FACTS);
    if (runId === 'open') open = recorded(run.directory);
    else complete = recorded(run.directory);
  }
});

/** One line changed, removed, moved or inserted, as somebody would who does not mend the chain; `at` is the first line that differs. */
const tampering = fc.record({
  kind: fc.constantFrom('change', 'remove', 'swap', 'repeat', 'insert'),
  at: fc.nat({ max: EVENTS - 1 }),
  other: fc.nat({ max: EVENTS - 1 }),
});

function tamper(
  lines: readonly string[],
  { kind, at, other }: { kind: string; at: number; other: number },
): string[] {
  const line = lines[at] ?? '';
  if (kind === 'change') return lines.with(at, line.replace(/"time":"20/, '"time":"19'));
  if (kind === 'remove') return lines.toSpliced(at, 1);
  if (kind === 'swap') return lines.with(at, lines[other] ?? '').with(other, line);
  if (kind === 'repeat') return lines.toSpliced(at, 0, line);
  return lines.toSpliced(at, 0, (lines[other] ?? '').replace('note', 'forged'));
}

async function isIntact(run: typeof complete, lines: readonly string[]): Promise<boolean> {
  writeFileSync(run.path, lines.map((line) => `${line}\n`).join(''));
  const audit = await auditRun(run.directory);
  return audit.isIntact;
}

describe('auditRun', () => {
  it('auditRun() finds any line of a complete run that was changed, removed, moved or inserted', async () => {
    await fc.assert(
      fc.asyncProperty(tampering, async (how) => {
        const lines = tamper(complete.lines, how);
        fc.pre(lines.join('\n') !== complete.lines.join('\n'));
        expect(await isIntact(complete, lines)).toBe(false);
      }),
    );
    expect(await isIntact(complete, complete.lines)).toBe(true);
  });

  it('auditRun() finds the tail of a complete run that was cut, and any that was written anew', async () => {
    for (let count = 0; count < EVENTS; count++) {
      const lines = complete.lines.slice(0, count);
      expect(await isIntact(complete, lines)).toBe(false);
      const log = new EventLog(complete.path);
      while (log.count < EVENTS) log.append('note', { forged: true });
      log.close();
      expect((await auditRun(complete.directory)).isIntact).toBe(false);
    }
  });

  it('auditRun() of a run without a manifest finds all of that but its very end, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(tampering, async (how) => {
        const lines = tamper(open.lines, how);
        const isBeginning = lines.every((line, index) => line === open.lines[index]);
        const isLastChanged = how.kind === 'change' && how.at === EVENTS - 1;
        fc.pre(!isLastChanged);
        expect(await isIntact(open, lines)).toBe(isBeginning);
      }),
    );
    writeFileSync(open.path, open.lines.slice(0, 3).join('\n') + '\n');
    const { limits, ...audit } = await auditRun(open.directory);
    expect(audit.isIntact).toBe(true);
    expect(limits.map(({ code }) => code)).toEqual(['NO_MANIFEST', 'UNSIGNED']);
  });
});
