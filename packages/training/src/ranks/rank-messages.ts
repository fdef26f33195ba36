import { deserialize, serialize } from 'node:v8';
import { receiveMessage, sendMessage, type World } from '@pixelis/distributed';
import type { ObjectiveModule } from '../threads/objective-module';
import { packError, type SentError, unpackError } from '../threads/sent-error';
import type { TrainerOptions, TrainerSnapshot } from '../trainer/trainer';

/** How all ranks train; plain data. */
export interface RankTraining extends Pick<
  TrainerOptions<never>,
  'specs' | 'optimizer' | 'gradientClipNorm'
> {
  readonly objective: ObjectiveModule;
  readonly snapshot: TrainerSnapshot;
}

/** What every rank needs to take a step once all gradients are computed. */
export interface RankUpdate {
  /** Of all shards of all ranks. */
  readonly lossSum: number;
  readonly totalWeight: number;
  readonly learningRate: number;
}

/** What rank 0 asks of another rank. All but `update` and `end` are answered. */
export type RankCommand =
  | ({ readonly kind: 'begin' } & RankTraining)
  /** Compute and hold these shards' gradients, and tell their loss sums. */
  | { readonly kind: 'gradients'; readonly shards: readonly unknown[] }
  /** Add the gradients that all ranks hold, and take the step. */
  | ({ readonly kind: 'update' } & RankUpdate)
  /** Tell the digest of the weights. */
  | { readonly kind: 'digest' }
  /** Forget the training. */
  | { readonly kind: 'release' }
  /** There is nothing more to do. */
  | { readonly kind: 'end' };

type Answer =
  | { readonly type: 'done'; readonly value: unknown }
  | { readonly type: 'error'; readonly error: SentError };

/** Gives rank `to` a command. */
export function sendCommand(world: World, command: RankCommand, to: number): Promise<void> {
  return sendMessage(world, serialize(command), to);
}

/** Gives all ranks but 0 the same command. */
export async function sendCommands(world: World, command: RankCommand): Promise<void> {
  for (let rank = 1; rank < world.size; rank++) await sendCommand(world, command, rank);
}

/** The next command of rank 0. */
export async function receiveCommand(world: World): Promise<RankCommand> {
  const command: unknown = deserialize(await receiveMessage(world, 0));
  if (isRankCommand(command)) return command;
  throw new TypeError('Cannot serve rank 0: what it sent must be a command');
}

/** Does what a command asks, and answers rank 0 with what came of it or with the error. */
export async function answer(world: World, deed: () => Promise<unknown>): Promise<void> {
  const reply = await Promise.resolve()
    .then(deed)
    .then(
      (value): Answer => ({ type: 'done', value }),
      (thrown: unknown): Answer => ({ type: 'error', error: packError(thrown) }),
    );
  await sendMessage(world, serialize(reply), 0);
}

/**
 * The answers of all ranks but 0, in their order.
 *
 * @throws The error of the first rank that could not do it, once all have answered.
 */
export async function receiveAnswers(world: World): Promise<unknown[]> {
  const values: unknown[] = [];
  const errors: Error[] = [];
  for (let rank = 1; rank < world.size; rank++) {
    const reply: unknown = deserialize(await receiveMessage(world, rank));
    if (!isAnswer(reply))
      throw new TypeError(`Cannot hear rank ${rank}: what it sent must be an answer`);
    if (reply.type === 'done') values.push(reply.value);
    else errors.push(unpackError(reply.error, `Rank ${rank}`));
  }
  const [first] = errors;
  if (first !== undefined) throw first;
  return values;
}

function isRankCommand(value: unknown): value is RankCommand {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'type' in value;
}
