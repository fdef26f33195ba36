import fc from 'fast-check';
import { readCarrier, writeCarrier } from './trace-carrier';

function hexId(digits: number): fc.Arbitrary<string> {
  const digit = fc.nat(15).map((digit) => digit.toString(16));
  return fc
    .string({ unit: digit, minLength: digits, maxLength: digits })
    .filter((id) => /[^0]/.test(id));
}

describe('readCarrier', () => {
  it('readCarrier() undoes writeCarrier()', () => {
    fc.assert(
      fc.property(hexId(32), hexId(16), fc.nat(1), (traceId, spanId, traceFlags) => {
        const spanContext = { traceId, spanId, traceFlags };

        expect(readCarrier(writeCarrier(spanContext))).toEqual({ ...spanContext, isRemote: true });
      }),
    );
  });

  it('readCarrier() takes whatever a stranger sends without an error', () => {
    const header = fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined));
    fc.assert(
      fc.property(header, header, (traceparent, tracestate) => {
        expect(readCarrier({ traceparent, tracestate })).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(hexId(32), header, (traceId, tracestate) => {
        const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

        expect(readCarrier({ traceparent, tracestate })?.traceId).toBe(traceId);
      }),
    );
  });
});
