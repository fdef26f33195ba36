import { redactArguments, redactJson } from './redact-json';
import { redactSecrets } from './redact-secrets';
import { isSecretName } from './secret-name';

// In parts, so that no search for secrets and paths takes this file for one.
const PRIVATE_KEY = 'PRIVATE KEY';
const AWS_EXAMPLE = 'IOSFODNN7EXAMPLE';

/** Made up in parts, so that no scanner of this repository takes them for real. */
const LETTERS = 'aB3dE6gH9';
const GITHUB = `ghp_${LETTERS.repeat(4)}`;
const HEX40 = '0123456789abcdef'.repeat(3).slice(0, 40);
const AWS_ID = `AKIA${AWS_EXAMPLE}`;
const AWS_KEY = 'wJalrXUtnFEMI/K7MDENG/' + 'bPxRfiCYEXAMPLEKEY';
const KEY_BODY = 'MIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7';
const pem = (kind: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${KEY_BODY}\n-----END ${kind}PRIVATE KEY-----`;

describe('redactSecrets()', () => {
  it.each([
    GITHUB,
    `gho_${LETTERS.repeat(4)}`,
    `github_pat_${LETTERS.repeat(5)}_${LETTERS.repeat(3)}`,
    `glpat-${LETTERS.repeat(3)}`,
    `hf_${'aBcD'.repeat(9)}`,
    `sk-${LETTERS.repeat(5)}`,
    `sk-ant-api03-${LETTERS.repeat(5)}`,
    `sk-proj-${LETTERS.repeat(3)}_${LETTERS}-x`,
    AWS_ID,
    `ASIA${AWS_ID.slice(4)}`,
    `AIza${LETTERS.repeat(4)}`,
    `xoxb-123456789012-abcdefghijkl`,
    `npm_${LETTERS.repeat(4)}`,
    `pypi-AgEIcHlwaS5vcmc${LETTERS.repeat(5)}`,
    `wandb_v1_${LETTERS.repeat(5)}`,
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${LETTERS}-_${LETTERS}`,
    pem(''),
    pem('RSA '),
    pem('OPENSSH '),
    pem('').replaceAll('\n', '\\n'),
    pem('').replaceAll('\n', '\n+'),
  ])('redactSecrets() takes out the token %p wherever it stands', (token) => {
    expect(redactSecrets(token)).toBe('[redacted]');
    expect(redactSecrets(`see ${token}, then`)).toBe('see [redacted], then');
    expect(redactSecrets(`"a\\n${token}"`)).toBe('"a\\n[redacted]"');
    expect(redactSecrets(`x=${token}&y`)).toBe('x=[redacted]&y');
  });

  it.each([
    ['https://user:hush@host.org/a', 'https://[redacted]@host.org/a'],
    [`https://${GITHUB}@host.org/a.git`, 'https://[redacted]@host.org/a.git'],
    ['db postgres://u:h/us%40h@db:5432/x', 'db postgres://[redacted]@db:5432/x'],
    [
      'https://host.org/?a=1&access_token=hush&b=2',
      'https://host.org/?a=1&access_token=[redacted]&b=2',
    ],
    ['https://host.org/?sig=hush%3D&b=2', 'https://host.org/?sig=[redacted]&b=2'],
    ['train --token hush --json', 'train --token [redacted] --json'],
    ['train --api-key=hush', 'train --api-key=[redacted]'],
    ['PGPASSWORD=hush psql', 'PGPASSWORD=[redacted] psql'],
    ['{"db_password":"hu\\"sh, sh","a":1}', '{"db_password":"[redacted]","a":1}'],
    ['{\\"secret\\":\\"hu\\\\\\"sh\\",\\"a\\":1}', '{\\"secret\\":\\"[redacted]\\",\\"a\\":1}'],
    ["password = 'hush hush'", "password = '[redacted]'"],
    ['  password: hush, hush', '  password: [redacted]'],
    ['+api_key = load("hush")', '+api_key = [redacted]'],
    ['password: "unfinished hush\nnext', 'password: "[redacted]\nnext'],
    ['(client_secret: hush), b', '(client_secret: [redacted]), b'],
    ['apiKey => `hush`', 'apiKey => `[redacted]`'],
    ["settings['password'] = 'hush'", "settings['password'] = '[redacted]'"],
    ['Authorization: Digest username="hush"', 'Authorization: [redacted]"hush"'],
    ['-H "Authorization: Bearer hush" x', '-H "Authorization: [redacted]" x'],
    ['Bearer abcdefgh12345678', 'Bearer [redacted]'],
    ['basic dXNlcjpwYXNz', 'basic [redacted]'],
    [`${AWS_ID},${AWS_KEY}`, '[redacted]'],
    [`aws_secret_access_key = ${AWS_KEY}`, 'aws_secret_access_key = [redacted]'],
    [`wandb login ${HEX40}`, 'wandb login [redacted]'],
    ['machine a.org login me password hush', 'machine a.org login me password [redacted]'],
    [`{"username":"a","key":"${HEX40.slice(0, 32)}"}`, '{"username":"a","key":"[redacted]"}'],
  ])('redactSecrets() makes %p into %p', (text, expected) => {
    expect(redactSecrets(text)).toBe(expected);
  });

  it.each([
    `commit ${HEX40}`,
    `sha256-${HEX40}${HEX40.slice(0, 24)}`,
    `wandb: commit ${HEX40}`,
    'sha512-Wb0VKcVk1q4B9mR0o1pTzJcTQn+zqk3uBa7nZJHtS0pX1cZc6xqU5R9z9Y6fL9m0nP3dA==',
    'tokens=5, max_tokens: 100, token=7, ms_per_token=3.5, tokenizer: bert, pad_token="[PAD]"',
    'pass: 12 of 13, forward_pass=8ms, bypass: yes, compass=north',
    'password: string; secret: null, token: undefined',
    'disk-0123456789-0123456789 task-1234567890123456789012',
    'http://localhost:3000/users/@me and file:///a/b and git@host.org:a/b.git',
    'Basic understanding of bearer bonds',
    'PWD=/a/b',
    'the passwords are wrong; the secret of tokens',
    '-----BEGIN PUBLIC KEY-----',
    'src/secret-name.ts',
  ])('redactSecrets() keeps %p', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });

  it('redactSecrets() redacts each of many, and leaves the lines between', () => {
    const text = `a\nTOKEN=${GITHUB}\nb ${AWS_ID} c\n${pem('')}\nd\n${pem('EC ')}\ne`;
    expect(redactSecrets(text)).toBe(
      'a\nTOKEN=[redacted]\nb [redacted] c\n[redacted]\nd\n[redacted]\ne',
    );
  });

  it('redactSecrets() redacts a private key whose end is cut off, and not the text after a mere mention', () => {
    const cut = pem('').slice(0, -30);
    expect(redactSecrets(cut)).not.toContain('MIIE');
    expect(redactSecrets(`looks for -----BEGIN ${PRIVATE_KEY}----- and then\nmore`)).toBe(
      'looks for [redacted] and then\nmore',
    );
  });
});

describe('isSecretName()', () => {
  it.each([
    'password',
    'DB_PASSWORD',
    'hfToken',
    'api-key',
    'AWS_SECRET_ACCESS_KEY',
    'credentials',
    'smtp_pass',
    'token_2',
  ])('isSecretName() is true of %p', (name) => expect(isSecretName(name)).toBe(true));
  it.each([
    'tokens',
    'max_token',
    'eos_token',
    'tokenizer',
    'key',
    'primary_key',
    'forward_pass',
    'PWD',
    'secretary',
  ])('isSecretName() is false of %p', (name) => expect(isSecretName(name)).toBe(false));
});

describe('redactJson()', () => {
  it('redactJson() redacts by key at any depth, by shape, in keys and in lists of arguments', () => {
    const value = {
      password: 'hush',
      credentials: { user: 'me', parts: ['a', { b: 'c' }], count: 3, is_set: true },
      token: 5,
      pad_token: '<pad>',
      note: `uses ${GITHUB}`,
      argv: ['train', '--token', 'hush', '--seed', '1'],
      'https://me:hush@host.org': null,
    };
    expect(redactJson(value)).toEqual({
      password: '[redacted]',
      credentials: {
        user: '[redacted]',
        parts: ['[redacted]', { b: '[redacted]' }],
        count: 3,
        is_set: true,
      },
      token: 5,
      pad_token: '<pad>',
      note: 'uses [redacted]',
      argv: ['train', '--token', '[redacted]', '--seed', '1'],
      'https://[redacted]@host.org': null,
    });
  });

  it('redactJson() keeps a member called __proto__', () => {
    const value = JSON.parse('{"__proto__":"a"}') as { readonly [key: string]: string };
    expect(JSON.stringify(redactJson(value))).toBe('{"__proto__":"a"}');
  });
});

describe('redactArguments()', () => {
  it('redactArguments() redacts values beside and after an option', () => {
    expect(redactArguments(['--password', '-x', '--api_key=a', '--token', '--json', 'password', 'b'])).toEqual([
      '--password', '[redacted]', '--api_key=[redacted]', '--token', '--json', 'password', 'b',
    ]); // prettier-ignore
  });
});
