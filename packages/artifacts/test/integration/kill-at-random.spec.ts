import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { auditRun } from '../../src/runs/audit-run';
import { scanEvents } from '../../src/runs/event-chain';
import { readTags } from '../../src/runs/tags';
import { useTemporaryFolder } from '../temporary-folder';
import { TrainerProcess } from './trainer-process';

const temporaryFolder = useTemporaryFolder();

/** How many processes are killed; PIXELIS_KILLS=300 takes some minutes. */
const KILLS = Number(process.env['PIXELIS_KILLS'] ?? 6);
/** How long after it has opened its run, or begun to complete it, a process is killed at the latest. */
const LOGGING_MS_MAX = 300;
const COMPLETING_MS_MAX = 40;
/** Files that a kill may tear, which is found. */
const TORN = /^line \d+: it does not end in a newline$|torn/;

/** The whole lines of a file. */
function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

/** Expects all that a killed process said to be committed, and nothing torn that an audit does not find. */
async function expectCommitted(directory: string, killed: TrainerProcess): Promise<void> {
  const start = killed.lastNumber('opened');
  for (const name of ['metrics.jsonl', 'timings.jsonl']) {
    const steps = linesOf(join(directory, name)).map(
      (line) => (JSON.parse(line) as { step: number }).step,
    );
    expect(steps).toEqual(steps.map((_, index) => index + 1));
    expect(steps.length).toBeGreaterThanOrEqual(Math.max(start, killed.lastNumber('flushed')));
  }
  const samples = linesOf(join(directory, 'hardware.jsonl')).map(
    (line) => JSON.parse(line) as object,
  );
  expect(samples.length).toBeGreaterThanOrEqual(Math.floor(killed.lastNumber('flushed') / 10));
  const { events } = scanEvents(readFileSync(join(directory, 'events.jsonl')));
  const notes = events
    .filter(({ type }) => type === 'note')
    .map(({ data }) => Number(data['step']));
  expect(Math.max(0, ...notes)).toBeGreaterThanOrEqual(killed.lastNumber('event'));
  expect(Number(readTags(directory)['step'] ?? 0)).toBeGreaterThanOrEqual(killed.lastNumber('tag'));
  const checkpoint = join(directory, 'checkpoints', 'last.json');
  if (existsSync(checkpoint))
    expect((JSON.parse(readFileSync(checkpoint, 'utf8')) as { step: number }).step)
      .toBeGreaterThanOrEqual(killed.lastNumber('checkpoint')); // prettier-ignore
  const { problems } = await auditRun(directory);
  expect(problems.filter(({ message }) => !TORN.test(message))).toEqual([]);
}

describe('a run whose process is killed at a random moment', () => {
  it(
    'loses nothing that was committed, and resumes to a whole run',
    async () => {
      const root = temporaryFolder();
      let [index, kills] = [0, 0];
      while (kills < KILLS) {
        const runId = `run-${index}`;
        const directory = join(root, 'runs', runId);
        const logger = new TrainerProcess(root, { runId, program: 'logger.cjs' });
        expect(await logger.line('opened', 'refused')).toMatch(/^opened/);
        const isCompleting = kills % 2 === 1 && (await logger.line('completing')) !== undefined;
        await wait(Math.random() * (isCompleting ? COMPLETING_MS_MAX : LOGGING_MS_MAX));
        await logger.kill();
        kills += 1;
        await expectCommitted(directory, logger);
        if (existsSync(join(directory, 'manifest.json'))) {
          expect(await auditRun(directory)).toMatchObject({ isIntact: true });
          index += 1;
        }
      }
      const runId = `run-${index}`;
      const last = new TrainerProcess(root, { runId, program: 'logger.cjs' });
      expect(await last.line('complet', 'refused')).toBe('completing');
      expect(await last.end()).toBe(0);
      expect(await auditRun(join(root, 'runs', runId))).toMatchObject({ isIntact: true });
      expect(linesOf(join(root, 'runs', runId, 'metrics.jsonl'))).toHaveLength(400);
    },
    60_000 + KILLS * 3000,
  );
});
