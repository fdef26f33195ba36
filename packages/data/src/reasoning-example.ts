import { Generator } from '@pixelis/reproducibility';
import { loadMnist, type LoadMnistOptions, mnistImage, type MnistSplit, type Split } from './mnist';
import {
  drawScene,
  ENGRAVING_DEPTH,
  engraveScene,
  GRID_SIZES,
  type Level,
  type PlacedDigit,
  poolCanvas,
  type Scene,
} from './scene';
import { properties, zoom } from './scene-operations';
import { cellToken, numberToken, TOKENS } from './vocabulary';

/** What a question asks for: the digit in a cell, how many digits, whether one is greater than another, their sum. */
export type QuestionKind = 'digit' | 'count' | 'compare' | 'sum';

/** How often each level asks each kind of question. */
export const KIND_WEIGHTS: Readonly<Record<Level, Readonly<Record<QuestionKind, number>>>> = {
  simple: { digit: 1, count: 0, compare: 0, sum: 0 },
  medium: { digit: 0.5, count: 0.15, compare: 0.15, sum: 0.2 },
  hard: { digit: 0.6, count: 0, compare: 0.2, sum: 0.2 },
};

/** How many digits a scene holds, both ends included, each number equally likely. */
export const DIGIT_COUNTS: Readonly<Record<Level, readonly [number, number]>> = {
  simple: [1, 1],
  medium: [2, 4],
  hard: [2, 6],
};

/** The seed of every val and test example, whatever a run's own: all runs are measured by the same questions. */
export const EVALUATION_SEED = 2026;

/** One part of a trajectory: what the model emits and what the operation that it called gave back. */
export type Step =
  /** `ZOOM cell`; then the cell's pixels, shape [28, 28]. */
  | { type: 'zoom'; cell: number; crop: Uint8Array }
  /** `PROPERTIES cell`; then the token EMPTY, FAINT or STRONG. */
  | { type: 'properties'; cell: number; property: number }
  /** A number token that notes what was read. */
  | { type: 'note'; token: number }
  /** `ANSWER token END`. */
  | { type: 'answer'; token: number };

/** A question about a scene, with its answer and a trajectory that reaches it. */
export interface ReasoningExample {
  level: Level;
  kind: QuestionKind;
  /** Tokens: the kind, then the cells asked about. */
  question: readonly number[];
  scene: Scene;
  /** The scene as the model sees it at first: grey levels, shape [28, 28]. */
  canvas: Uint8Array;
  /** The answer's token: a number, YES or NO. */
  answer: number;
  demonstration: readonly Step[];
}

/** Names one example. */
export interface ExampleKey extends LoadMnistOptions {
  level: Level;
  split: Split;
  /** From 0 to below the split's size; the example's first digit is this one of the split. */
  index: number;
  /** Seed of the train split; val and test use {@link EVALUATION_SEED}. */
  seed: number;
  /** From 0; train examples differ from epoch to epoch in all but their first digit. @default {0} */
  epoch?: number;
}

/** A drawn digit with what it is. */
interface KnownDigit extends PlacedDigit {
  label: number;
}

/**
 * Makes one example. It depends on the key alone: not on other examples, their order or the machine.
 *
 * @throws {RangeError} If `index` is not in the split.
 * @throws {DataError} If MNIST cannot be read, see {@link loadMnist}.
 */
export function createExample(key: ExampleKey): ReasoningExample {
  const { level, split, index, epoch = 0 } = key;
  const mnist = loadMnist(split, key);
  if (!Number.isInteger(index) || index < 0 || index >= mnist.count) {
    throw new RangeError(
      `Cannot create example: index must be an integer in [0, ${mnist.count}): current value is ${index}`,
    );
  }
  const isTrain = split === 'train';
  const name = `digits-reasoning/${split}/${level}/${isTrain ? epoch : 0}/${index}`;
  const generator = Generator.fromSeed(isTrain ? key.seed : EVALUATION_SEED).fork(name);

  const kind = drawKind(level, generator);
  const digits = drawDigits(mnist, { level, kind, index, generator });
  const scene = composeScene(level, digits, generator);
  return {
    level,
    kind,
    scene,
    canvas: poolCanvas(scene),
    ...askAbout(scene, digits, { level, kind }),
  };
}

function drawKind(level: Level, generator: Generator): QuestionKind {
  const { digit, count, compare } = KIND_WEIGHTS[level];
  const at = generator.uniform();
  if (at < digit) return 'digit';
  if (at < digit + count) return 'count';
  return at < digit + count + compare ? 'compare' : 'sum';
}

interface DrawDigitsOptions {
  level: Level;
  kind: QuestionKind;
  index: number;
  generator: Generator;
}

function drawDigits(mnist: MnistSplit, options: DrawDigitsOptions): KnownDigit[] {
  const { level, kind, index, generator } = options;
  const [fewest, most] = DIGIT_COUNTS[level];
  const count = generator.integer(fewest, most + 1);
  const grid = GRID_SIZES[level];
  const cells = generator.permutation(grid * grid);
  return Array.from(cells.subarray(0, count), (cell, place) => {
    let chosen = index;
    if (place === 1 && kind === 'compare') chosen = drawOtherDigit(mnist, index, generator);
    else if (place > 0) chosen = generator.integer(0, mnist.count);
    return {
      cell,
      image: mnistImage(mnist, chosen),
      label: mnist.labels[chosen] ?? 0,
      shiftX: generator.uniform(-2, 2),
      shiftY: generator.uniform(-2, 2),
      scale: generator.uniform(0.85, 1.1),
      contrast: generator.uniform(0.5, 1),
    };
  });
}

/** Draws an image whose label differs from that of image `index`, each equally likely. */
function drawOtherDigit(mnist: MnistSplit, index: number, generator: Generator): number {
  const { order, starts } = sortByLabel(mnist);
  const label = mnist.labels[index] ?? 0;
  const start = starts[label] ?? 0;
  const end = starts[label + 1] ?? 0;
  const drawn = generator.integer(0, mnist.count - (end - start));
  return order[drawn < start ? drawn : drawn + (end - start)] ?? 0;
}

/** Images in the order of their labels; those of label k are at [starts[k], starts[k + 1]). */
interface LabelOrder {
  order: Uint32Array;
  starts: Uint32Array;
}

const labelOrders = new WeakMap<MnistSplit, LabelOrder>();

function sortByLabel(mnist: MnistSplit): LabelOrder {
  const known = labelOrders.get(mnist);
  if (known !== undefined) return known;
  const images = Uint32Array.from(mnist.labels.keys());
  const byLabel = Array.from({ length: 10 }, (_, label) =>
    images.filter((image) => mnist.labels[image] === label),
  );
  const starts = new Uint32Array(11);
  byLabel.forEach((group, label) => (starts[label + 1] = (starts[label] ?? 0) + group.length));
  const sorted = { order: Uint32Array.from(byLabel.flatMap((group) => [...group])), starts };
  labelOrders.set(mnist, sorted);
  return sorted;
}

function composeScene(level: Level, digits: readonly PlacedDigit[], generator: Generator): Scene {
  const grid = GRID_SIZES[level];
  if (level !== 'hard') return drawScene(grid, digits);
  const plate = generator.integer(ENGRAVING_DEPTH, 256 - ENGRAVING_DEPTH);
  // Darker or lighter than any plate, so that occupied cells can be told on the canvas.
  const darkness = generator.integer(0, 64);
  const background = generator.choice([darkness, 255 - darkness]);
  return engraveScene(grid, digits, { plate, background });
}

type Asked = Pick<ReasoningExample, 'question' | 'answer' | 'demonstration'>;

function askAbout(
  scene: Scene,
  digits: readonly KnownDigit[],
  { level, kind }: { level: Level; kind: QuestionKind },
): Asked {
  const [first, second] = digits;
  if (first === undefined) throw new RangeError('Cannot ask about a scene without digits');
  if (kind === 'count') return askCount(scene, digits.length);
  if (kind === 'digit' || second === undefined) {
    const answer = numberToken(first.label);
    return {
      question: [TOKENS.questionDigit, cellToken(first.cell)],
      answer,
      demonstration: [
        ...(level === 'simple' ? [] : readDigit(scene, first)),
        { type: 'answer', token: answer },
      ],
    };
  }
  const isGreater = first.label > second.label;
  const answer =
    kind === 'sum' ? numberToken(first.label + second.label) : TOKENS[isGreater ? 'yes' : 'no'];
  return {
    question: [
      kind === 'sum' ? TOKENS.questionSum : TOKENS.questionCompare,
      cellToken(first.cell),
      cellToken(second.cell),
    ],
    answer,
    demonstration: [
      ...readDigit(scene, first),
      ...readDigit(scene, second),
      { type: 'answer', token: answer },
    ],
  };
}

function askCount(scene: Scene, count: number): Asked {
  const looks = Array.from({ length: scene.grid * scene.grid }, (_, cell): Step => {
    return { type: 'properties', cell, property: properties(scene, cell) ?? TOKENS.empty };
  });
  const answer = numberToken(count);
  return {
    question: [TOKENS.questionCount],
    answer,
    demonstration: [...looks, { type: 'answer', token: answer }],
  };
}

function readDigit(scene: Scene, { cell, label }: KnownDigit): Step[] {
  const crop = zoom(scene, cell);
  if (crop === undefined) throw new RangeError(`Cannot zoom: the scene has no cell ${cell}`);
  return [
    { type: 'zoom', cell, crop },
    { type: 'note', token: numberToken(label) },
  ];
}
