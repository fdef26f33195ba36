import { sha256 } from '@pixelis/core';
import { resumeFingerprint } from './resume-fingerprint';

describe('resumeFingerprint', () => {
  const config = { training: { seed: 1 }, hardware: { backend: 'wasm', threads: 2, num_gpus: 0 } };

  it('resumeFingerprint() is the SHA-256 of the canonical JSON without the exempt keys', () => {
    expect(resumeFingerprint(config)).toBe(
      sha256('{"hardware":{"backend":"wasm"},"training":{"seed":1}}'),
    );
  });

  it('resumeFingerprint() ignores the order of keys and the number of threads', () => {
    const other = { hardware: { backend: 'wasm', num_gpus: 4, threads: 8 }, training: { seed: 1 } };
    expect(resumeFingerprint(other)).toBe(resumeFingerprint(config));
  });

  it('resumeFingerprint() sees every other value', () => {
    const other = { ...config, training: { seed: 2 } };
    expect(resumeFingerprint(other)).not.toBe(resumeFingerprint(config));
  });

  it('resumeFingerprint() leaves out a whole branch, and only at its own path', () => {
    const options = { exemptKeys: ['hardware'] };
    expect(resumeFingerprint(config, options)).toBe(sha256('{"training":{"seed":1}}'));
    expect(resumeFingerprint({ a: { hardware: 1 } }, options)).toBe(sha256('{"a":{"hardware":1}}'));
  });
});
