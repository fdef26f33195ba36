import type { ArenaThread, StepOutcome } from './arena-thread';
import type { Crew, CrewTask } from './crew';

/** The calling thread alone. */
export class LocalCrew<Shard> implements Crew<Shard> {
  readonly failure = undefined;

  constructor(private readonly thread: ArenaThread<Shard>) {}

  step(task: CrewTask<Shard>): Promise<StepOutcome> {
    // What the objective throws rejects, as it does from a worker.
    return new Promise((resolve) => {
      resolve(this.thread.step({ ...task, losses: new Float64Array(task.shards.length) }));
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
