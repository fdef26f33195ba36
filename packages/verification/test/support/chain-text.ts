import { canonicalJson, type JsonValue, sha256 } from '@pixelis/core';
import type { ByteSource } from '../../src/chain/byte-source';

/** What a chain of tests is made of. */
export interface ChainText {
  readonly length: number;
  /** From this line on the content is another one. */
  readonly changedAt?: number;
  /** Digests of tensors a line: lines differ in length. */
  readonly tensors?: (line: number) => number;
}

/** The text of an intact chain, a line a step. */
export function chainText({ length, changedAt = Infinity, tensors = () => 2 }: ChainText): string {
  let previous = '0'.repeat(64);
  let text = '';
  for (let step = 0; step < length; step++) {
    const content = contentOf(step, { isChanged: step >= changedAt, tensors: tensors(step) });
    const chain = sha256(previous + canonicalJson(content));
    text += `${canonicalJson({ ...content, chain })}\n`;
    previous = chain;
  }
  return text;
}

/** A text as a source that counts what is read of it. */
export function countingSource(text: string): ByteSource & { reads: number; bytes: number } {
  const bytes = Buffer.from(text);
  return {
    reads: 0,
    bytes: 0,
    sizeBytes: bytes.length,
    read(offset, length) {
      this.reads += 1;
      const part = bytes.subarray(offset, offset + length);
      this.bytes += part.length;
      return part;
    },
  };
}

function contentOf(
  step: number,
  { isChanged, tensors }: { isChanged: boolean; tensors: number },
): { step: number } & Record<string, JsonValue> {
  const hash = (what: string) => sha256(`${what} ${step} ${isChanged}`);
  const weights = { step, weights: hash('weights'), weight_tensors: '0a1b2c3d'.repeat(tensors) };
  if (step === 0) return weights;
  return {
    ...weights,
    batch: sha256(`batch ${step}`),
    loss: '3ff0000000000000',
    gradients: sha256(`gradients ${step}`),
    gradient_tensors: '00000000'.repeat(tensors),
  };
}
