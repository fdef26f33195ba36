import type { StepOutcome, StepTask } from './arena-thread';

/** A step's task for all threads together. */
export type CrewTask<Shard> = Omit<StepTask<Shard>, 'losses'>;

/** The threads that do a trainer's steps. */
export interface Crew<Shard> {
  /** Why no step can be done any more and what the arena holds can be anything. */
  readonly failure: Error | undefined;
  /** Does one step; one at a time. */
  step(task: CrewTask<Shard>): Promise<StepOutcome>;
  /** Ends them all. */
  close(): Promise<void>;
}
