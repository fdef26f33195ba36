import fc from 'fast-check';
import { z } from 'zod';
import { ConfigError } from './config-error';
import { argumentLayer, type ConfigLayer, environmentLayer } from './config-layer';
import { formatPath } from './config-path';
import { resolveConfig } from './resolve-config';
import { resolvedDocument } from './resolved-document';
import { secretPaths } from './secret-fields';

const secret = () => z.string().min(3).meta({ secret: true });
const node: z.ZodType = z.lazy(() =>
  z.strictObject({ pin: secret().optional(), next: node.optional() }),
);

const schema = z.strictObject({
  name: z.string().default('plain'),
  remote: z
    .strictObject({
      api_key: secret().nullable().default(null),
      login: z.object({ user: z.string(), pin: z.string() }).meta({ secret: true }).optional(),
      keys: z.record(z.string(), secret()).default({}),
      mirrors: z
        .union([z.strictObject({ pin: secret() }), z.array(z.strictObject({ pin: secret() }))])
        .default([]),
      code: z.preprocess((value) => value, secret()).optional(),
    })
    .refine(({ api_key }) => api_key !== 'Qz7-refused', { error: 'is refused' })
    .prefault({}),
});

function resolve(...layers: ConfigLayer[]) {
  return resolveConfig({ schema, layers });
}

function issuesOf(...overrides: string[]): string {
  try {
    resolve(argumentLayer({ overrides }));
  } catch (error) {
    if (error instanceof ConfigError)
      return [error.message, ...error.issues.map(({ message }) => message)].join('\n');
  }
  throw new Error('Expected an error of the configuration');
}

describe('secretPaths()', () => {
  it('secretPaths() finds fields in sections, lists, records, alternatives and behind wrappers', () => {
    expect(secretPaths(schema).map(formatPath)).toEqual([
      'remote.api_key', 'remote.login', 'remote.keys.*', 'remote.mirrors.pin', 'remote.mirrors.*.pin', 'remote.code',
    ]); // prettier-ignore
    expect(secretPaths(z.object({ a: z.string() }))).toEqual([]);
    expect(secretPaths(secret())).toEqual([[]]);
  });

  it('secretPaths() comes to an end on a schema that contains itself', () => {
    expect(secretPaths(node).map(formatPath)).toEqual(['pin', 'next']);
    expect(
      secretPaths(z.object({ any: z.json(), pin: secret(), deep: node })).map(formatPath),
    ).toEqual(['pin', 'deep.pin', 'deep.next']);
  });
});

describe('resolveConfig() of secret fields', () => {
  const environment = {
    PIXELIS__REMOTE__API_KEY: 'Qz7-one',
    PIXELIS__REMOTE__KEYS: '{a: Qz7-two}',
  };
  const overrides = [
    'remote.mirrors=[{pin: Qz7-three}]',
    'remote.login.user=Qz7-me',
    'remote.login.pin=Qz7-four',
    'name=kept',
  ];

  it('resolveConfig() keeps secrets in the configuration alone', () => {
    const file: ConfigLayer = {
      layer: 'file',
      settings: [
        {
          path: [],
          value: { remote: { api_key: 'Qz7-zero', mirrors: { pin: 'Qz7-five' } } },
          source: 'a.yaml',
        },
      ],
    };
    const resolved = resolve(file, environmentLayer(environment), argumentLayer({ overrides }));
    expect(resolved.config.remote).toMatchObject({
      api_key: 'Qz7-one',
      keys: { a: 'Qz7-two' },
      mirrors: [{ pin: 'Qz7-three' }],
    });
    expect(JSON.stringify(resolved.raw)).not.toContain('Qz7');
    expect(resolved.raw[0]?.value).toEqual({
      remote: { api_key: '[secret]', mirrors: { pin: '[secret]' } },
    });

    const document = resolvedDocument(resolved);
    expect(JSON.stringify(document)).not.toContain('Qz7');
    expect(document.config).toMatchObject({
      name: 'kept',
      remote: {
        api_key: '[secret]',
        login: { user: '[secret]', pin: '[secret]' },
        keys: { a: '[secret]' },
        mirrors: [{ pin: '[secret]' }],
      },
    });
    expect(document.origins['remote.api_key']).toEqual({
      layer: 'environment',
      source: 'PIXELIS__REMOTE__API_KEY',
    });
    expect(resolved.config.remote.api_key).toBe('Qz7-one');
  });

  it('resolvedDocument() shows that a secret is not set', () => {
    expect(resolvedDocument(resolve()).config.remote.api_key).toBeNull();
  });

  it.each([
    ['a value of the wrong kind', ['remote.api_key=[Qz7, 1]']],
    ['a value that is too short', ['remote.api_key="Q7"', 'remote.mirrors=[{pin: Q7}]']],
    ['text that is no YAML', ['remote.api_key="Qz7']],
    ['an alias', ['remote.api_key=[*Qz7]']],
    ['a section for a secret', ['remote.api_key={Qz7: Qz7}']],
    ['a rule of the section', ['remote.api_key=Qz7-refused']],
    ['a list around a secret', ['remote={mirrors: [[{pin: Qz7-three}]]}']],
  ])('resolveConfig() quotes no secret where it refuses %s', (_, wrong) => {
    const message = issuesOf(...wrong);
    expect(message).not.toMatch(/Q7|Qz7/);
    expect(message).toContain('remote');
  });

  it('resolveConfig() quotes no secret, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        const value = `Qz7${text}`;
        for (const form of [value, JSON.stringify(value), `[${value}`, `{a: ${value}}`]) {
          try {
            const resolved = resolve(argumentLayer({ overrides: [`remote.api_key=${form}`] }));
            expect(JSON.stringify([resolvedDocument(resolved), resolved.raw])).not.toContain('Qz7');
          } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
            expect(JSON.stringify([error.message, error.issues])).not.toContain('Qz7');
          }
        }
      }),
    );
  });

  it('a message quotes no token of a known shape under whatever name', () => {
    expect(issuesOf(`name=[hf_${'aBcD'.repeat(9)}]`)).toContain('[redacted]');
  });
});
