import { randomBytes } from 'node:crypto';

function randomHex(bytes: number): string {
  for (;;) {
    const id = randomBytes(bytes);
    // W3C Trace Context: an id of zeros alone is invalid.
    if (id.some((byte) => byte !== 0)) return id.toString('hex');
  }
}

/**
 * Ids of traces (32 hex digits) and spans (16) from `node:crypto`. It has the shape of an OpenTelemetry `IdGenerator`:
 * give it to the SDK's tracer provider, whose own generator draws from `Math.random` and would take numbers out of a
 * seeded stream and give two runs of one seed the same ids.
 */
export const cryptoIdGenerator = {
  generateTraceId: (): string => randomHex(16),
  generateSpanId: (): string => randomHex(8),
};
