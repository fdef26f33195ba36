import { canonicalJson, sha256, type StepDigests } from '@pixelis/core';
import { z } from 'zod';
import { sha256Schema } from '../runs/event';

/** The file of a run that holds digests of its training, each line linked to the one before. */
export const CHAIN_FILE = 'chain.jsonl';

/** What the first line is linked to. */
export const FIRST_CHAIN = '0'.repeat(64);

const shortDigestsSchema = z.string().regex(/^(?:[0-9a-f]{8})*$/, 'must be 8 hex digits a tensor');

const weightsSchema = z.strictObject({
  step: z.literal(0),
  weights: sha256Schema,
  weight_tensors: shortDigestsSchema,
  chain: sha256Schema,
});

const stepSchema = weightsSchema.extend({
  step: z.int().min(1),
  batch: sha256Schema,
  loss: z.string().regex(/^[0-9a-f]{16}$/, 'must be the 16 hex digits of a float64'),
  gradients: sha256Schema,
  gradient_tensors: shortDigestsSchema,
});

const lineSchema = z.union([weightsSchema, stepSchema]);

/** A line of `chain.jsonl`. That of step 0 has digests of the initial weights alone. */
export interface ChainLine extends StepDigests {
  /** Optimizer steps done. */
  readonly step: number;
  /** SHA-256 of the `chain` of the line before and this line without `chain`, see {@link chainLine}. */
  readonly chain: string;
}

/** A line to be written, without its newline, and its `chain`. */
export interface NewChainLine {
  readonly text: string;
  readonly chain: string;
}

/**
 * The line that follows one whose `chain` is `previous`.
 *
 * @throws {TypeError} If the digests are not those of such a step.
 */
export function chainLine(
  previous: string,
  { step, digests }: { readonly step: number; readonly digests: StepDigests },
): NewChainLine {
  const content = { ...digests, step };
  const chain = sha256(previous + canonicalJson(content));
  const { success, data, error } = lineSchema.safeParse({ ...content, chain });
  if (success) return { text: canonicalJson(data), chain };
  throw new TypeError(`Cannot record digests of step ${step}: ${z.prettifyError(error)}`);
}

/** Reads one line, without its newline; null if it is none that Pixelis writes. It does not check its link. */
export function parseChainLine(text: string): ChainLine | null {
  try {
    const value: unknown = JSON.parse(text);
    const { success, data } = lineSchema.safeParse(value);
    return success && canonicalJson(data) === text ? data : null;
  } catch {
    return null;
  }
}

/** Whether a line follows from its own content and the `chain` of the line before. */
export function isLinked(line: ChainLine, previous: string): boolean {
  const { chain, ...content } = line;
  return chain === sha256(previous + canonicalJson(content));
}
