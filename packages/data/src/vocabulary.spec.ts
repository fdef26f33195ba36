import {
  cellOfToken,
  cellToken,
  isActionToken,
  isAnswerToken,
  numberOfToken,
  numberToken,
  tokenName,
  TOKENS,
  VOCABULARY_SIZE,
} from './vocabulary';

describe('vocabulary', () => {
  it('keeps the identifiers that checkpoints depend on', () => {
    const names = Array.from({ length: VOCABULARY_SIZE }, (_, token) => tokenName(token)).join(' ');
    expect(names).toBe(
      'PAD Q_DIGIT Q_COUNT Q_COMPARE Q_SUM ' +
        'C0 C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14 C15 ' +
        'NUM_0 NUM_1 NUM_2 NUM_3 NUM_4 NUM_5 NUM_6 NUM_7 NUM_8 NUM_9 NUM_10 NUM_11 NUM_12 NUM_13 ' +
        'NUM_14 NUM_15 NUM_16 NUM_17 NUM_18 ' +
        'YES NO ZOOM PROPERTIES ANSWER END EMPTY FAINT STRONG',
    );
  });

  it('TOKENS names the token that tokenName() names', () => {
    const named = Object.entries(TOKENS).map(([key, token]) => [key, tokenName(token)]);
    expect(Object.fromEntries(named)).toEqual({
      pad: 'PAD',
      questionDigit: 'Q_DIGIT',
      questionCount: 'Q_COUNT',
      questionCompare: 'Q_COMPARE',
      questionSum: 'Q_SUM',
      yes: 'YES',
      no: 'NO',
      zoom: 'ZOOM',
      properties: 'PROPERTIES',
      answer: 'ANSWER',
      end: 'END',
      empty: 'EMPTY',
      faint: 'FAINT',
      strong: 'STRONG',
    });
  });

  it('cellOfToken() and numberOfToken() undo cellToken() and numberToken(), and know no other token', () => {
    const tokens = Array.from({ length: VOCABULARY_SIZE }, (_, token) => token);
    for (const token of tokens) {
      const cell = cellOfToken(token);
      const number = numberOfToken(token);
      expect(cell === undefined ? undefined : tokenName(cellToken(cell))).toBe(
        tokenName(token).startsWith('C') ? tokenName(token) : undefined,
      );
      expect(number === undefined ? undefined : `NUM_${number}`).toBe(
        tokenName(token).startsWith('NUM_') ? tokenName(token) : undefined,
      );
    }
    expect(tokens.filter((token) => cellOfToken(token) !== undefined)).toHaveLength(16);
    expect(tokens.filter((token) => numberOfToken(token) !== undefined)).toHaveLength(19);
  });

  it.each([-1, 16, 1.5, Number.NaN])('cellToken() refuses %p', (cell) => {
    expect(() => cellToken(cell)).toThrow(RangeError);
  });

  it.each([-1, 19, 0.5, Infinity])('numberToken() refuses %p', (value) => {
    expect(() => numberToken(value)).toThrow(RangeError);
  });

  it.each([-1, VOCABULARY_SIZE, 0.5])('tokenName() refuses %p', (token) => {
    expect(() => tokenName(token)).toThrow(RangeError);
  });

  it('isActionToken() and isAnswerToken() part the tokens that a model emits', () => {
    expect(isActionToken(TOKENS.zoom)).toBe(true);
    expect(isActionToken(TOKENS.properties)).toBe(true);
    expect(isActionToken(cellToken(15))).toBe(true);
    expect(isActionToken(numberToken(0))).toBe(false);
    expect(isActionToken(TOKENS.answer)).toBe(false);
    expect(isAnswerToken(numberToken(18))).toBe(true);
    expect(isAnswerToken(TOKENS.yes)).toBe(true);
    expect(isAnswerToken(TOKENS.no)).toBe(true);
    expect(isAnswerToken(TOKENS.end)).toBe(false);
    expect(isAnswerToken(cellToken(3))).toBe(false);
  });
});
