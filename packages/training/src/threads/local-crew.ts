import type { ArenaThread, StepOutcome } from './arena-thread';
import type { Crew, CrewTask } from './crew';

/** The calling thread alone. */
export class LocalCrew<Shard> implements Crew<Shard> {
  readonly failure = undefined;

  constructor(private readonly thread: ArenaThread<Shard>) {}

  step({ shards, ...task }: CrewTask<Shard>): Promise<StepOutcome> {
    // What the objective throws rejects, as it does from a worker.
    return new Promise((resolve) => {
      resolve(
        this.thread.step({
          ...task,
          shards: shards.map((shard, index) => ({ index, shard })),
          losses: new Float64Array(shards.length),
        }),
      );
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
