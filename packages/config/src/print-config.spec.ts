import { z } from 'zod';
import { argumentLayer } from './config-layer';
import { resolveTrainingConfig } from './entry-point-resolution';
import { printConfig } from './print-config';
import { resolveConfig } from './resolve-config';
import { resolvedDocument } from './resolved-document';

describe('printConfig()', () => {
  it('printConfig() shows each value with who set it, in aligned columns', () => {
    const schema = z.strictObject({
      seed: z.int().default(42),
      name: z.string().default('a'),
      stages: z.array(z.strictObject({ weight: z.number() })).default([]),
    });
    const layer = argumentLayer({ overrides: ['stages=[{weight: 0.5}]', 'name=a\u202eb'] });
    expect(printConfig(resolveConfig({ schema, layers: [layer] }))).toBe(
      [
        'KEY               VALUE         ORIGIN',
        'seed              42            default schema',
        'name              "a\\u{202e}b"  argument name',
        'stages[0].weight  0.5           argument stages',
        '',
      ].join('\n'),
    );
  });

  it('printConfig() has a line for each value of a training run', () => {
    const resolved = resolveTrainingConfig({ environment: { PIXELIS__TRAINING__SEED: '7' } });
    const lines = printConfig(resolved).trimEnd().split('\n');
    expect(lines).toHaveLength(Object.keys(resolved.origins).length + 1);
    expect(lines).toContainEqual(
      expect.stringMatching(/^training\.seed +7 +environment PIXELIS__TRAINING__SEED$/),
    );
  });

  it('printConfig() writes as JSON what config_resolved.json holds', () => {
    const resolved = resolveTrainingConfig({});
    const text = printConfig(resolved, { isJson: true });
    expect(text).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(text)).toEqual(resolvedDocument(resolved));
  });

  it.each([true, false])('printConfig() shows no secret, with JSON %s', (isJson) => {
    const schema = z.strictObject({ key: z.string().meta({ secret: true }) });
    const layer = argumentLayer({ overrides: ['key=hush'] });
    const text = printConfig(resolveConfig({ schema, layers: [layer] }), { isJson });
    expect(text).toContain('[secret]');
    expect(text).not.toContain('hush');
  });
});
