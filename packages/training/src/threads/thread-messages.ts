import type { SharedArena } from '@pixelis/kernels';
import type { ParameterSpecs } from '../parameters';
import type { StepOutcome, StepTask } from './arena-thread';
import type { ObjectiveModule } from './objective-module';
import type { SentError } from './sent-error';

/** What a training thread is started with. */
export interface ThreadData {
  /** From 0. */
  readonly thread: number;
  readonly arena: SharedArena;
  readonly specs: ParameterSpecs;
  readonly objective: ObjectiveModule;
}

/** What a training thread is sent. */
export type ThreadTask = StepTask<unknown>;

/** What it sends back. */
export type ThreadReply =
  | { readonly type: 'done'; readonly outcome: StepOutcome }
  | { readonly type: 'error'; readonly error: SentError };

/** Whether a worker's data are those of a training thread. */
export function isThreadData(value: unknown): value is ThreadData {
  return (
    typeof value === 'object' &&
    value !== null &&
    'thread' in value &&
    'arena' in value &&
    'specs' in value &&
    'objective' in value
  );
}
