import { sha256 } from '@pixelis/core';
import { generateSigningKey } from './signing-key';
import { signStatement, verifyStatement } from './statement';

const pair = generateSigningKey({ curve: 'P-384' });
const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'model:1.0.0', digest: { sha256: sha256('model') } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: { buildType: 'https://example.org/train', externalParameters: {} },
  },
};

describe('signStatement', () => {
  it('wraps a statement in a DSSE envelope that verifyStatement opens', () => {
    const envelope = signStatement(STATEMENT, pair);
    expect(envelope).toMatchObject({
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ keyid: pair.hint }],
    });
    expect(verifyStatement(envelope, pair)).toEqual({ statement: STATEMENT, problems: [] });
  });

  it('keeps a subject without a name', () => {
    const statement = { ...STATEMENT, subject: [{ digest: { sha256: sha256('') } }] };
    expect(verifyStatement(signStatement(statement, pair), pair)).toMatchObject({ statement });
  });

  it.each([
    {},
    { ...STATEMENT, _type: 'https://in-toto.io/Statement/v0.1' },
    { ...STATEMENT, subject: [] },
    { ...STATEMENT, subject: [{ name: 'a', digest: {} }] },
    { ...STATEMENT, predicate: { time: () => 0 } },
  ])('refuses what is no statement (%#)', (value) => {
    expect(() => signStatement(value, pair)).toThrow(TypeError);
  });
});

describe('verifyStatement', () => {
  const envelope = signStatement(STATEMENT, pair);
  const payload = Buffer.from(JSON.stringify({ ...STATEMENT, subject: [] })).toString('base64');

  it.each([
    ['bad_bundle', {}, pair],
    ['bad_bundle', { ...envelope, signatures: [] }, pair],
    ['bad_payload', { ...envelope, payloadType: 'text/plain' }, pair],
    ['bad_signature', { ...envelope, payload }, pair],
    ['wrong_key', envelope, generateSigningKey()],
  ])('finds %s', (kind, changed, key) => {
    expect(verifyStatement(changed, key)).toMatchObject({
      statement: null,
      problems: [{ kind, path: null }],
    });
  });

  it('accepts one good signature among others', () => {
    const other = signStatement(STATEMENT, generateSigningKey());
    const both = { ...envelope, signatures: [...other.signatures, ...envelope.signatures] };
    expect(verifyStatement(both, pair).problems).toEqual([]);
  });
});
