import fc from 'fast-check';
import { type EpisodeStatus, ReasoningEpisode } from './reasoning-episode';
import { maximumSequenceLength, patchCountOf } from './reasoning-batch';
import { createExample, type Step } from './reasoning-example';
import { ReasoningSequence } from './reasoning-sequence';
import { LEVELS } from './scene';
import { cellToken, numberToken, TOKENS, VOCABULARY_SIZE } from './vocabulary';

const example = fc
  .record({ level: fc.constantFrom(...LEVELS), index: fc.nat(9999) })
  .map((key) => createExample({ ...key, split: 'test', seed: 0 }));
const patchSize = fc.constantFrom(4, 7, 14, 28);
const MEDIUM = createExample({ level: 'medium', split: 'test', index: 0, seed: 0 });

describe('ReasoningEpisode', () => {
  it('executes every demonstration to what it shows and to the right answer', () => {
    fc.assert(
      fc.property(example, patchSize, (e, size) => {
        const episode = new ReasoningEpisode(e, { patchSize: size });
        const statuses = emittedTokens(e.demonstration).map((token) => episode.emit(token));
        expect(statuses.at(-1)).toBe('answered');
        expect(statuses.slice(0, -1).every((status) => status === 'open')).toBe(true);
        expect(episode.answer).toBe(e.answer);
        expect(episode.steps).toEqual(e.demonstration);
        const taught = ReasoningSequence.ofDemonstration(e);
        expect(episode.sequence.entries).toEqual(taught.entries);
        expect(episode.sequence.isEnded).toBe(true);
        expect(taught.length(patchCountOf(size))).toBeLessThanOrEqual(maximumSequenceLength(size));
      }),
    );
  });

  it('ends within the longest sequence, whatever is emitted', () => {
    fc.assert(
      fc.property(example, patchSize, fc.infiniteStream(plausibleToken()), (e, size, tokens) => {
        const episode = new ReasoningEpisode(e, { patchSize: size });
        let emitted = 0;
        for (const token of tokens) {
          emitted++;
          if (episode.emit(token) !== 'open') break;
          const length = episode.sequence.length(patchCountOf(size));
          expect(length).toBeLessThanOrEqual(maximumSequenceLength(size));
        }
        expect(emitted).toBeLessThanOrEqual(maximumSequenceLength(size) + 1);
        if (episode.status !== 'answered') expect(episode.answer).toBeUndefined();
      }),
    );
  });

  it.each<[string, number[], EpisodeStatus]>([
    ['a cell without an operation', [cellToken(0)], 'invalid'],
    ['a zoom into a number', [TOKENS.zoom, numberToken(1)], 'invalid'],
    ['a zoom into a cell that the scene lacks', [TOKENS.zoom, cellToken(4)], 'invalid'],
    ['properties of a cell that the scene lacks', [TOKENS.properties, cellToken(9)], 'invalid'],
    ['an answer that is a cell', [TOKENS.answer, cellToken(0)], 'invalid'],
    ['an answer without END', [TOKENS.answer, TOKENS.yes, TOKENS.yes], 'invalid'],
    ['END without an answer', [TOKENS.end], 'invalid'],
    ['a property, which the environment alone gives', [TOKENS.empty], 'invalid'],
    ['no token at all', [-1], 'invalid'],
    ['an answer at once', [TOKENS.answer, TOKENS.yes, TOKENS.end], 'answered'],
  ])('judges %s', (_, tokens, status) => {
    const episode = new ReasoningEpisode(MEDIUM);
    const statuses = tokens.map((token) => episode.emit(token));
    expect(statuses.at(-1)).toBe(status);
    expect(episode.answer).toBe(status === 'answered' ? TOKENS.yes : undefined);
  });

  it('is too long where a third crop would not fit, and does not insert it', () => {
    const episode = new ReasoningEpisode(MEDIUM);
    const statuses = [0, 1, 2].flatMap((cell) =>
      [TOKENS.zoom, cellToken(cell)].map((token) => episode.emit(token)),
    );
    expect(statuses.at(-1)).toBe('too-long');
    expect(episode.steps).toHaveLength(2);
    expect(episode.sequence.imageCount).toBe(3);
  });

  it('emit() throws once the episode is over', () => {
    const episode = new ReasoningEpisode(MEDIUM);
    episode.emit(TOKENS.end);
    expect(() => episode.emit(TOKENS.zoom)).toThrow(
      'Cannot emit: the episode must be open: current status is "invalid"',
    );
  });
});

describe('ReasoningSequence', () => {
  it('takes nothing after END', () => {
    const sequence = ReasoningSequence.ofDemonstration(MEDIUM);
    expect(() => sequence.emit(TOKENS.zoom)).toThrow(RangeError);
  });
});

/** Mostly tokens that keep an episode open. */
function plausibleToken(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(TOKENS.zoom, TOKENS.properties, numberToken(3)) },
    { weight: 4, arbitrary: fc.nat(3).map((cell) => cellToken(cell)) },
    { weight: 1, arbitrary: fc.nat(VOCABULARY_SIZE - 1) },
  );
}

function emittedTokens(steps: readonly Step[]): number[] {
  return steps.flatMap((step) => {
    switch (step.type) {
      case 'zoom':
        return [TOKENS.zoom, cellToken(step.cell)];
      case 'properties':
        return [TOKENS.properties, cellToken(step.cell)];
      case 'note':
        return [step.token];
      case 'answer':
        return [TOKENS.answer, step.token, TOKENS.end];
    }
  });
}
