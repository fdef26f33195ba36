import { useTemporaryFolder } from '../temporary-folder';
import { TrainerProcess } from './trainer-process';

const temporaryFolder = useTemporaryFolder();
const RACERS = 4;

/** What processes say that open one run at once, while all of them are alive. */
async function race(root: string): Promise<(string | undefined)[]> {
  const racers = Array.from(
    { length: RACERS },
    () => new TrainerProcess(root, { runId: 'x', isHolding: true }),
  );
  const said = await Promise.all(racers.map((racer) => racer.line('opened', 'refused')));
  await Promise.all(racers.map((racer) => racer.kill()));
  return said.sort();
}

describe('processes that open one run at once', () => {
  it('exactly one begins it, and exactly one resumes it when that one is dead', async () => {
    const root = temporaryFolder();
    const refusals = Array.from({ length: RACERS - 1 }, () => 'refused RUN_HELD');
    expect(await race(root)).toEqual(['opened x new', ...refusals]);
    expect(await race(root)).toEqual(['opened x again', ...refusals]);
    expect(await race(root)).toEqual(['opened x again', ...refusals]);
  });
});
