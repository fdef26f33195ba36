import { IntegrityError } from '@pixelis/core';
import { z } from 'zod';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a checkpoint of a supervised fine-tuning run holds beside the tensors. */
const sftStateSchema = z.strictObject({
  loader: z.strictObject({ epoch: count, batch: count }),
  /** Checked by the curriculum itself. */
  curriculum: z.unknown(),
  epoch: z.strictObject({ epoch: count, steps: count, loss_sum: z.number() }),
  chain: z.strictObject({ batch: sha256 }),
  /** How far each step-wise file had got. */
  files: z.record(z.string(), z.strictObject({ bytes: count, sha256 })),
});

export type SftState = z.infer<typeof sftStateSchema>;

/** @throws {IntegrityError} `CHECKPOINT_BROKEN` if `value` is no such state. */
export function restoreSftState(value: unknown): SftState {
  const { data, error } = sftStateSchema.safeParse(value);
  if (data !== undefined) return data;
  throw brokenCheckpoint(z.prettifyError(error));
}

/** What is thrown for a checkpoint that is whole, but cannot be gone on from. */
export function brokenCheckpoint(detail: string): IntegrityError {
  return new IntegrityError(`The newest checkpoint cannot be resumed: ${detail}`, {
    code: 'CHECKPOINT_BROKEN',
    remedy: 'delete this checkpoint to resume from the one before it, or start afresh with --new',
  });
}
