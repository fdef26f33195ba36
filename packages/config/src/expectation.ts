import type { z } from 'zod';

/**
 * Words for what a schema expected, to follow "path=value: " in a message. Given to zod as the error map, so that a
 * message of the schema itself takes precedence.
 */
export function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required';
      return `must be ${nounOf(issue.expected)}${isWithDecimalComma(issue) ? ': write "." in it, not ","' : ''}`;
    case 'too_small':
      return `must be ${measureOf(issue.origin)}${issue.inclusive === false ? '>' : '>='} ${String(issue.minimum)}`;
    case 'too_big':
      return `must be ${measureOf(issue.origin)}${issue.inclusive === false ? '<' : '<='} ${String(issue.maximum)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return 'fits none of the forms that it may have';
    default:
      return 'is not valid';
  }
}

function isWithDecimalComma({ expected, input }: z.core.$ZodRawIssue): boolean {
  return expected === 'number' && typeof input === 'string' && /^[+-]?\d*,\d+$/.test(input);
}

function nounOf(expected: string): string {
  const nouns: Readonly<Record<string, string>> = {
    array: 'a list',
    boolean: 'true or false',
    int: 'an integer',
    number: 'a number',
    object: 'a section with keys',
    record: 'a section with keys',
    string: 'text',
  };
  return nouns[expected] ?? expected;
}

function measureOf(origin: string): string {
  if (origin === 'array') return 'a list whose length is ';
  return origin === 'string' ? 'text whose length is ' : '';
}
