import { UsageError } from '@pixelis/core';
import { generateRunId, validateRunId } from './run-id';

describe('validateRunId', () => {
  it.each(['a', '0', 'A_b.c-d', 'x'.repeat(100)])('validateRunId() accepts %j', (runId) => {
    expect(validateRunId(runId)).toBe(runId);
  });

  it.each([
    '',
    '.',
    '..',
    '-a',
    '_a',
    '.a',
    'a/b',
    'a\\b',
    '../a',
    'a b',
    'a\n',
    'ä',
    'x'.repeat(101),
  ])('validateRunId() refuses %j', (runId) => {
    expect(() => validateRunId(runId)).toThrow(UsageError);
    expect(() => validateRunId(runId)).toThrow(JSON.stringify(runId));
  });
});

describe('generateRunId', () => {
  it('generateRunId() writes the time in UTC and six hexadecimal digits', () => {
    const runId = generateRunId({ now: new Date('2026-03-04T05:06:07.999Z') });
    expect(runId).toMatch(/^20260304T050607-[0-9a-f]{6}$/);
    expect(validateRunId(runId)).toBe(runId);
  });

  it('generateRunId() does not depend on a patched Math.random', () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
    const now = new Date(0);
    const ids = new Set(Array.from({ length: 20 }, () => generateRunId({ now })));
    random.mockRestore();
    expect(ids.size).toBe(20);
  });
});
