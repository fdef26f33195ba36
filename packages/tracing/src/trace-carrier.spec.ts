import { context, trace } from '@opentelemetry/api';
import { readCarrier, runWithCarrier, writeCarrier } from './trace-carrier';
import { TraceContext } from './trace-context';
import { tracedOperation } from './traced-operation';

// The example of W3C Trace Context level 1, section 3.2.3.
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE_ID}-${SPAN_ID}-01`;

afterEach(() => {
  trace.disable();
  context.disable();
});

describe('readCarrier', () => {
  it('readCarrier() reads the example of the specification', () => {
    expect(readCarrier({ traceparent: TRACEPARENT })).toEqual({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      traceFlags: 1,
      isRemote: true,
    });
  });

  it('readCarrier() takes the known part of a later version', () => {
    const carrier = { traceparent: `cc-${TRACE_ID}-${SPAN_ID}-03-what-comes-later` };

    expect(readCarrier(carrier)).toMatchObject({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      traceFlags: 1,
    });
  });

  it.each([
    ['no carrier', undefined],
    ['an empty one', {}],
    ['an empty string', { traceparent: '' }],
    ['two headers', { traceparent: [TRACEPARENT, TRACEPARENT] }],
    ['upper case', { traceparent: TRACEPARENT.toUpperCase() }],
    ['version ff', { traceparent: `ff${TRACEPARENT.slice(2)}` }],
    ['version 00 with more', { traceparent: `${TRACEPARENT}-00` }],
    ['a trace id of zeros', { traceparent: `00-${'0'.repeat(32)}-${SPAN_ID}-01` }],
    ['a span id of zeros', { traceparent: `00-${TRACE_ID}-${'0'.repeat(16)}-01` }],
    ['a short trace id', { traceparent: `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01` }],
    ['a line end', { traceparent: `${TRACEPARENT}\n` }],
  ])('readCarrier() gives undefined for %s', (_, carrier) => {
    expect(readCarrier(carrier)).toBeUndefined();
  });
});

describe('writeCarrier', () => {
  it('writeCarrier() keeps the trace state', () => {
    const carrier = {
      traceparent: TRACEPARENT,
      tracestate: 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7',
    };

    const spanContext = readCarrier(carrier);

    expect(writeCarrier(spanContext!)).toEqual(carrier);
  });
});

describe('runWithCarrier', () => {
  it('runWithCarrier() makes operations children of the span in the carrier', () => {
    const child = runWithCarrier({ traceparent: TRACEPARENT }, () =>
      tracedOperation('child', 'Test', (operation) => operation),
    );

    expect(child).toMatchObject({ traceId: TRACE_ID, parentSpanId: SPAN_ID });
    expect(child.toCarrier()).toEqual({ traceparent: `00-${TRACE_ID}-${child.spanId}-01` });
  });

  it('runWithCarrier() takes the headers of a request', () => {
    const headers: NodeJS.Dict<string | string[]> = { host: 'localhost', traceparent: TRACEPARENT };

    expect(runWithCarrier(headers, () => TraceContext.current()?.traceId)).toBe(TRACE_ID);
  });

  it('runWithCarrier() runs outside any trace where the carrier names none', () => {
    const current = tracedOperation('around', 'Test', () =>
      runWithCarrier({ traceparent: 'broken' }, () => TraceContext.current()),
    );

    expect(current).toBeUndefined();
  });

  it('runWithCarrier() brings the caller back to where it was', () => {
    tracedOperation('around', 'Test', (around) => {
      runWithCarrier({ traceparent: TRACEPARENT }, () => undefined);

      expect(TraceContext.current()).toBe(around);
    });
    expect(TraceContext.current()).toBeUndefined();
  });
});
