import { DEFAULT_PATCH_SIZE, maximumSequenceLength, patchCountOf } from './reasoning-batch';
import type { ReasoningExample, Step } from './reasoning-example';
import { ReasoningSequence } from './reasoning-sequence';
import type { Scene } from './scene';
import { properties, zoom } from './scene-operations';
import { cellOfToken, isAnswerToken, numberOfToken, TOKENS } from './vocabulary';

/**
 * How an episode stands: `open` while the model is to go on; `answered` after END; `invalid` after a token that cannot stand
 * where it was emitted, or a cell that the scene lacks; `too-long` where going on would pass the longest sequence.
 */
export type EpisodeStatus = 'open' | 'answered' | 'invalid' | 'too-long';

type Expected = 'any' | 'zoom-cell' | 'properties-cell' | 'answer' | 'end';

/** What an episode needs of an example: the demonstration and the answer stay hidden. */
export type ReasoningTask = Pick<ReasoningExample, 'canvas' | 'question' | 'scene'>;

/** How {@link ReasoningEpisode} counts positions. */
export interface ReasoningEpisodeOptions {
  /** Side of a patch in pixels, a divisor of 28. @default {7} */
  patchSize?: number;
}

/**
 * A model's own try at a question: it emits token by token, and the operations that it calls are really executed on the
 * scene, their results put into its sequence.
 */
export class ReasoningEpisode {
  readonly sequence: ReasoningSequence;
  readonly #scene: Scene;
  readonly #patchCount: number;
  readonly #maximumLength: number;
  readonly #steps: Step[] = [];
  #expected: Expected = 'any';
  #status: EpisodeStatus = 'open';
  #answer: number | undefined;

  constructor(
    { canvas, question, scene }: ReasoningTask,
    { patchSize = DEFAULT_PATCH_SIZE }: ReasoningEpisodeOptions = {},
  ) {
    this.sequence = new ReasoningSequence(canvas, question);
    this.#scene = scene;
    this.#patchCount = patchCountOf(patchSize);
    this.#maximumLength = maximumSequenceLength(patchSize);
  }

  get status(): EpisodeStatus {
    return this.#status;
  }

  /** The answer's token once the status is `answered`, else undefined. */
  get answer(): number | undefined {
    return this.#status === 'answered' ? this.#answer : undefined;
  }

  /** What was done so far, whole steps only. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /**
   * Takes the next token that the model emits and executes the operation that it completes.
   *
   * @throws {RangeError} If the status is not `open`.
   */
  emit(token: number): EpisodeStatus {
    if (this.#status !== 'open') {
      throw new RangeError(
        `Cannot emit: the episode must be open: current status is "${this.#status}"`,
      );
    }
    this.#status = this.#take(token);
    if (this.#status === 'open' && this.#length > this.#maximumLength) this.#status = 'too-long';
    return this.#status;
  }

  get #length(): number {
    return this.sequence.length(this.#patchCount);
  }

  #take(token: number): EpisodeStatus {
    switch (this.#expected) {
      case 'any':
        return this.#takeAny(token);
      case 'zoom-cell':
      case 'properties-cell':
        return this.#takeCell(token);
      case 'answer':
        if (!isAnswerToken(token)) return 'invalid';
        this.#answer = token;
        this.#expected = 'end';
        break;
      case 'end':
        if (token !== TOKENS.end || this.#answer === undefined) return 'invalid';
        this.#steps.push({ type: 'answer', token: this.#answer });
        this.sequence.emit(token);
        return 'answered';
    }
    this.sequence.emit(token);
    return 'open';
  }

  #takeAny(token: number): EpisodeStatus {
    if (token === TOKENS.zoom) this.#expected = 'zoom-cell';
    else if (token === TOKENS.properties) this.#expected = 'properties-cell';
    else if (token === TOKENS.answer) this.#expected = 'answer';
    else if (numberOfToken(token) !== undefined) this.#steps.push({ type: 'note', token });
    else return 'invalid';
    this.sequence.emit(token);
    return 'open';
  }

  #takeCell(token: number): EpisodeStatus {
    const cell = cellOfToken(token);
    if (cell === undefined) return 'invalid';
    const isZoom = this.#expected === 'zoom-cell';
    // The sequence must stay within the positions that a model has, so a picture that would not fit is not inserted.
    if (this.#length + 1 + (isZoom ? this.#patchCount : 1) > this.#maximumLength) return 'too-long';
    if (isZoom) {
      const crop = zoom(this.#scene, cell);
      if (crop === undefined) return 'invalid';
      this.sequence.emit(token);
      this.sequence.insertImage(crop);
      this.#steps.push({ type: 'zoom', cell, crop });
    } else {
      const property = properties(this.#scene, cell);
      if (property === undefined) return 'invalid';
      this.sequence.emit(token);
      this.sequence.insertToken(property);
      this.#steps.push({ type: 'properties', cell, property });
    }
    this.#expected = 'any';
    return 'open';
  }
}
