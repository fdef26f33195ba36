import fc from 'fast-check';
import { PINNED_INSTALLATIONS } from './pinned-wheels';
import { isForLinux, parseWheelName } from './wheel-name';

describe('parseWheelName()', () => {
  it('gives back the parts that a name is made of, whatever stands before it', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9_]+$/);
    fc.assert(
      fc.property(
        fc.tuple(part, part, part, part),
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(part),
        ([distribution, version, python, abi], platforms, folders) => {
          const name = `${[distribution, version, python, abi, platforms.join('.')].join('-')}.whl`;
          expect(parseWheelName([...folders, name].join('/'))).toEqual({
            distribution,
            version,
            python,
            abi,
            platforms,
          });
        },
      ),
    );
  });
});

describe('PINNED_INSTALLATIONS', () => {
  it.each(PINNED_INSTALLATIONS)('names wheels for the machine: $version $variant $arch', (each) => {
    for (const { file, sha256 } of [each.tensorflow, ...each.cuda]) {
      const name = parseWheelName(file);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(name !== undefined && isForLinux(name, each.arch)).toBe(true);
    }
    expect(parseWheelName(each.tensorflow.file)?.version).toBe(each.version);
    expect(each.cuda.length > 0).toBe(each.variant === 'gpu');
  });

  it('names no wheel by two hashes', () => {
    const wheels = PINNED_INSTALLATIONS.flatMap(({ tensorflow, cuda }) => [tensorflow, ...cuda]);

    expect(new Set(wheels.map(({ sha256 }) => sha256)).size).toBe(
      new Set(wheels.map(({ file }) => file)).size,
    );
  });
});
