/**
 * The tokens of the digits-reasoning task. Identifiers are stable: a checkpoint's embedding table depends on them, so
 * new tokens are added at the end.
 */
const NAMES: readonly string[] = [
  'PAD',
  'Q_DIGIT',
  'Q_COUNT',
  'Q_COMPARE',
  'Q_SUM',
  ...numbered('C', 16),
  ...numbered('NUM_', 19),
  'YES',
  'NO',
  'ZOOM',
  'PROPERTIES',
  'ANSWER',
  'END',
  'EMPTY',
  'FAINT',
  'STRONG',
];

const FIRST_CELL = 5;
const FIRST_NUMBER = 21;

/** Cells of the largest grid, 4×4. */
export const CELL_TOKEN_COUNT = 16;

/** Numbers 0 to 18, the largest sum of two digits. */
export const NUMBER_TOKEN_COUNT = 19;

/** Every token that is neither a cell nor a number; {@link cellToken} and {@link numberToken} give those. */
export const TOKENS = {
  pad: 0,
  questionDigit: 1,
  questionCount: 2,
  questionCompare: 3,
  questionSum: 4,
  yes: 40,
  no: 41,
  zoom: 42,
  properties: 43,
  answer: 44,
  end: 45,
  empty: 46,
  faint: 47,
  strong: 48,
} as const;

/** Number of tokens: the model's output size. */
export const VOCABULARY_SIZE = NAMES.length;

/**
 * The token of cell `cell`, counted row by row from 0.
 *
 * @throws {RangeError} If `cell` is no integer in [0, 16).
 */
export function cellToken(cell: number): number {
  return tokenInRange('cell', cell, { first: FIRST_CELL, count: CELL_TOKEN_COUNT });
}

/**
 * The token of the number `value`.
 *
 * @throws {RangeError} If `value` is no integer in [0, 19).
 */
export function numberToken(value: number): number {
  return tokenInRange('number', value, { first: FIRST_NUMBER, count: NUMBER_TOKEN_COUNT });
}

/** The cell that a token names; undefined for every other token. */
export function cellOfToken(token: number): number | undefined {
  const cell = token - FIRST_CELL;
  return cell >= 0 && cell < CELL_TOKEN_COUNT ? cell : undefined;
}

/** The number that a token names; undefined for every other token. */
export function numberOfToken(token: number): number | undefined {
  const value = token - FIRST_NUMBER;
  return value >= 0 && value < NUMBER_TOKEN_COUNT ? value : undefined;
}

/** Whether the token can stand as an answer: a number, YES or NO. */
export function isAnswerToken(token: number): boolean {
  return token === TOKENS.yes || token === TOKENS.no || numberOfToken(token) !== undefined;
}

/** Whether an emitted token is part of a visual operation: ZOOM, PROPERTIES or the cell that follows them. */
export function isActionToken(token: number): boolean {
  return token === TOKENS.zoom || token === TOKENS.properties || cellOfToken(token) !== undefined;
}

/**
 * The token's name, such as `ZOOM`, `C3` or `NUM_12`.
 *
 * @throws {RangeError} If there is no such token.
 */
export function tokenName(token: number): string {
  const name = NAMES[token];
  if (name === undefined) {
    throw new RangeError(
      `Cannot name token: it must be an integer in [0, ${VOCABULARY_SIZE}): current value is ${token}`,
    );
  }
  return name;
}

function tokenInRange(
  what: string,
  value: number,
  { first, count }: { first: number; count: number },
): number {
  if (!Number.isInteger(value) || value < 0 || value >= count) {
    throw new RangeError(
      `Cannot make a token of ${what}: it must be an integer in [0, ${count}): current value is ${value}`,
    );
  }
  return first + value;
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
