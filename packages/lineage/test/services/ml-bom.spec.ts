import { toMlBom } from '../../src/index';
import { exampleGraph, hostileGraph } from '../example-graph';
import { readWithPython } from './read-with-python';

describe('toMlBom', () => {
  it('toMlBom() is valid by the strict validator of CycloneDX, and its dependencies are those of the graph', () => {
    const bom = toMlBom(exampleGraph);
    expect(readWithPython('read_ml_bom.py', JSON.stringify(bom))).toEqual({
      problem: null,
      serial_number: bom['serialNumber'],
      components: [
        ['data', 'eval-sft-model-on-mnist', '1.0.0'],
        ['data', 'mnist', '1.0.0'],
        ['data', 'mnist-small', '1.0.0'],
        ['library', '@pixelis/core', '0.1.0'],
        ['library', 'zod', '4.6.7'],
        ['machine-learning-model', 'sft-model', '1.0.0'],
      ],
      dependencies: {
        'eval-sft-model-on-mnist:1.0.0': [
          'mnist:1.0.0',
          'pkg:npm/%40pixelis/core@0.1.0',
          'pkg:npm/zod@4.6.7',
          'sft-model:1.0.0',
        ],
        'mnist-small:1.0.0': ['mnist:1.0.0'],
        'mnist:1.0.0': [],
        'pkg:npm/%40pixelis/core@0.1.0': [],
        'pkg:npm/zod@4.6.7': [],
        'sft-model:1.0.0': [
          'mnist-small:1.0.0',
          'pkg:npm/%40pixelis/core@0.1.0',
          'pkg:npm/zod@4.6.7',
        ],
      },
    });
  });

  it('the validator of CycloneDX refuses what toMlBom() would be without its format', () => {
    const bom = { ...toMlBom(exampleGraph), bomFormat: 'other' };
    const { problem } = readWithPython('read_ml_bom.py', JSON.stringify(bom)) as {
      problem: string;
    };
    expect(problem).toContain('CycloneDX');
  });

  it('toMlBom() of hostile texts is valid', () => {
    const bom = toMlBom(hostileGraph);
    const read = readWithPython('read_ml_bom.py', JSON.stringify(bom));
    expect(read).toMatchObject({ problem: null, serial_number: bom['serialNumber'] });
  });
});
