import type { ReasoningExample, Step } from './reasoning-example';
import { cellToken, TOKENS } from './vocabulary';

/** One entry of a sequence: a picture, which takes a position for each patch, or a token, which takes one. */
export type SequenceEntry =
  | { type: 'image'; pixels: Uint8Array }
  /** `isEmitted` tells what the model said from what it was told. */
  | { type: 'token'; token: number; isEmitted: boolean };

/**
 * What the model reads: the canvas, the question, then what it emitted with the results of its operations between. The
 * same thing for a demonstration that it learns from and for a trajectory of its own.
 */
export class ReasoningSequence {
  readonly #entries: SequenceEntry[];
  #imageCount = 1;
  #isEnded = false;

  /** A sequence in which nothing is emitted yet; `canvas` are grey levels, shape [28, 28]. */
  constructor(canvas: Uint8Array, question: readonly number[]) {
    this.#entries = [
      { type: 'image', pixels: canvas },
      ...question.map((token): SequenceEntry => ({ type: 'token', token, isEmitted: false })),
    ];
  }

  /** The whole demonstration of an example. */
  static ofDemonstration(example: ReasoningExample): ReasoningSequence {
    const sequence = new ReasoningSequence(example.canvas, example.question);
    for (const step of example.demonstration) sequence.#addStep(step);
    return sequence;
  }

  get entries(): readonly SequenceEntry[] {
    return this.#entries;
  }

  get imageCount(): number {
    return this.#imageCount;
  }

  /** Whether END was emitted. END is learned, but it takes no position: nothing is read after it. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Positions that the sequence takes where a picture takes `patchCount`. */
  length(patchCount: number): number {
    return this.#entries.length + this.#imageCount * (patchCount - 1);
  }

  /**
   * Adds a token that the model emits.
   *
   * @throws {RangeError} If END was emitted before.
   */
  emit(token: number): void {
    if (this.#isEnded) throw new RangeError('Cannot emit: the sequence must not have ended');
    if (token === TOKENS.end) this.#isEnded = true;
    else this.#entries.push({ type: 'token', token, isEmitted: true });
  }

  /** Adds the token that an operation gave back. */
  insertToken(token: number): void {
    this.#entries.push({ type: 'token', token, isEmitted: false });
  }

  /** Adds the picture that an operation gave back: grey levels, shape [28, 28]. */
  insertImage(pixels: Uint8Array): void {
    this.#entries.push({ type: 'image', pixels });
    this.#imageCount++;
  }

  #addStep(step: Step): void {
    switch (step.type) {
      case 'zoom':
        this.emit(TOKENS.zoom);
        this.emit(cellToken(step.cell));
        this.insertImage(step.crop);
        break;
      case 'properties':
        this.emit(TOKENS.properties);
        this.emit(cellToken(step.cell));
        this.insertToken(step.property);
        break;
      case 'note':
        this.emit(step.token);
        break;
      case 'answer':
        this.emit(TOKENS.answer);
        this.emit(step.token);
        this.emit(TOKENS.end);
    }
  }
}
