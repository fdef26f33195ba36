import {
  context,
  createTraceState,
  isSpanContextValid,
  trace,
  TraceFlags,
  type SpanContext,
} from '@opentelemetry/api';
import { ensureAsyncContext } from './async-context';

/**
 * A trace as it crosses a thread or the network: the headers of W3C Trace Context. Plain strings, so it can be
 * `workerData`, a message, or spread into the headers of a request.
 */
export interface TraceCarrier {
  /** `00-<trace id>-<span id>-<flags>`. */
  readonly traceparent: string;
  /** What other tracing systems keep beside it. */
  readonly tracestate?: string;
}

/** What a trace can be read from: a {@link TraceCarrier}, or the headers of an incoming request (names in lower case). */
export interface TraceHeaders {
  readonly traceparent?: string | readonly string[] | undefined;
  readonly tracestate?: string | readonly string[] | undefined;
}

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** Writes a span context by W3C Trace Context level 1, section 3.2 and 3.3. */
export function writeCarrier(spanContext: SpanContext): TraceCarrier {
  const { traceId, spanId, traceFlags, traceState } = spanContext;
  const flags = (traceFlags & 0xff).toString(16).padStart(2, '0');
  const tracestate = traceState?.serialize() ?? '';
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    ...(tracestate === '' ? {} : { tracestate }),
  };
}

/**
 * Reads a span context by W3C Trace Context level 1: of a version above ours the known part is taken, and flags other
 * than `sampled` are dropped.
 *
 * @returns `undefined` where the carrier has no valid `traceparent`
 */
export function readCarrier(carrier: TraceHeaders | undefined): SpanContext | undefined {
  const { traceparent, tracestate } = carrier ?? {};
  const match = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
  const [, version, traceId, spanId, flags, more] = match ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined) return undefined;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const spanContext: SpanContext = {
    traceId,
    spanId,
    traceFlags: parseInt(flags ?? '', 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: createTraceState(String(tracestate)) }),
  };
  return isSpanContextValid(spanContext) ? spanContext : undefined;
}

/**
 * Runs `fn` as a continuation of the trace that a carrier names: the operations inside are children of the span that
 * the carrier was taken from. Where it names none (absent or damaged) `fn` runs outside any trace, whatever the caller's.
 *
 * @param carrier what {@link TraceContext.toCarrier} gave, or the headers of a request
 * @param fn may be asynchronous
 * @returns what `fn` returns
 */
export function runWithCarrier<T>(carrier: TraceHeaders | undefined, fn: () => T): T {
  ensureAsyncContext();
  const spanContext = readCarrier(carrier);
  const base = trace.deleteSpan(context.active());
  return context.with(
    spanContext === undefined ? base : trace.setSpanContext(base, spanContext),
    fn,
  );
}
