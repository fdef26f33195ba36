import { parseOverrideValue, parseYaml, YAML_LENGTH_MAX, YamlSyntaxError } from './yaml-value';

describe('parseYaml()', () => {
  it.each([
    ['', null],
    ['# only a comment', null],
    ['\ufeffa: 1', new Map([['a', 1]])],
    ['{\n\t"a": [1,\t2]\n}\n', new Map([['a', [1, 2]]])],
    ['a: yes', new Map([['a', 'yes']])],
    ['1: a', new Map([['1', 'a']])],
    ['a: &x [1]\nb: *x', new Map([['a', [1]], ['b', [1]]])], // prettier-ignore
  ])('parseYaml() reads %j', (text, value) => {
    expect(parseYaml(text)).toEqual(value);
  });

  it.each([
    ['a: 1\na: 2', 2, 1],
    ['{"a": 1, "a": 2}', 1, 10],
    ['a: [1', 1, 6],
    ['a: 1\n--- \nb: 2', 2, 1],
    ['a: 1\n\tb: 2', 2, 1],
    ['? [a]\n: b', 1, 3],
    ['a: !foo 1', 1, 4],
    ['a: !!str 1', 1, 10],
    ['a: ! 1', 1, 6],
    ['a: !!binary aGk=', 1, 13],
    ['!!map {a: 1}', 1, 7],
    ['%YAML 1.1\n---\na: yes', 1, 1],
    ['%TAG ! tag:example.com,2000:\n---\na: !x 1', 3, 4],
  ])('parseYaml() refuses %j and says where', (text, line, column) => {
    expect(syntaxErrorOf(text)).toMatchObject({ line, column });
  });

  it.each([
    ['an alias bomb', aliasBomb()],
    ['an alias without its anchor', 'a: *nowhere'],
    ['too long a text', `# ${'x'.repeat(YAML_LENGTH_MAX)}`],
    ['brackets without end', '['.repeat(100_000)],
    ['braces without end', '{a: '.repeat(25_000)],
    ['dashes without end', '- '.repeat(50_000)],
  ])('parseYaml() refuses %s with a YamlSyntaxError', (_name, text) => {
    expect(syntaxErrorOf(text).message).not.toBe('');
  });

  it.each([
    'pin: *hush',
    'pin: !hush x',
    '&hush a: *hushed',
    'pin: |hush\n x',
    'pin: "hush',
    'pin: [hush',
    'pin: a: hush',
    'pin: "a" hush',
    'pin: %hush',
    'pin: 1\n hush: 2',
  ])('parseYaml() refuses %j without quoting it', (text) => {
    expect(syntaxErrorOf(text).message).not.toContain('hush');
  });
});

describe('parseOverrideValue()', () => {
  it.each([
    ['1e-3', 0.001],
    ['-0.5', -0.5],
    ['.5', 0.5],
    ['+7', 7],
    ['0x10', 16],
    ['true', true],
    ['null', null],
    ['~', null],
    ['[1, a]', [1, 'a']],
    ['{a: 1}', new Map([['a', 1]])],
    ['"7"', '7'],
    ["'true'", 'true'],
    ['', ''],
    ['yes', 'yes'],
    ['1.2.3', '1.2.3'],
    ['2024-01-01', '2024-01-01'],
    ['digits-reasoning', 'digits-reasoning'],
    ['-', '-'],
    ['---', '---'],
    ['...', '...'],
    ['#5', '#5'],
    ['*x', '*x'],
    ['!!js x', '!!js x'],
    ['a: b', 'a: b'],
    ['C:\\data\\mnist #1', 'C:\\data\\mnist #1'],
    ['./data', './data'],
    ['%x', '%x'],
  ])('parseOverrideValue() reads %j', (text, value) => {
    expect(parseOverrideValue(text)).toEqual(value);
  });

  it.each(['[1', '{a', '"a', '[!!js x]', '{a: 1, a: 2}', '"a" b'])(
    'parseOverrideValue() refuses %j',
    (text) => {
      expect(() => parseOverrideValue(text)).toThrow(YamlSyntaxError);
    },
  );
});

// Helpers

function syntaxErrorOf(text: string): YamlSyntaxError {
  try {
    parseYaml(text);
  } catch (error) {
    if (error instanceof YamlSyntaxError) return error;
    throw error;
  }
  throw new Error('Expected a YamlSyntaxError');
}

function aliasBomb(): string {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level += 1) {
    const [below, own] = ['abcdefghi'.charAt(level - 1), 'abcdefghi'.charAt(level)];
    levels.push(`${own}: &${own} [${new Array<string>(9).fill(`*${below}`).join(', ')}]`);
  }
  return levels.join('\n');
}
