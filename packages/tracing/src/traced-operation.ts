import { inspect, types } from 'node:util';
import {
  context,
  isSpanContextValid,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
} from '@opentelemetry/api';
import { ensureAsyncContext } from './async-context';
import { isError } from './is-error';
import { TraceContext, type TraceMetadata } from './trace-context';
import { cryptoIdGenerator } from './trace-ids';

/** Options of {@link tracedOperation} and {@link tracedRequest}. */
export interface TracedOperationOptions {
  /** Kept in the {@link TraceContext} of this operation and those inside it, and as attributes of the span. */
  metadata?: TraceMetadata;
}

interface Operation<T> {
  name: string;
  component: string;
  metadata: TraceMetadata;
  run: (operation: TraceContext) => T | Promise<T>;
}

/**
 * Runs `fn` as a named operation: a child of the one under way, or the root of a new trace where there is none. The
 * span ends when `fn` returns or, if it returns a promise, when that settles; an error is recorded on the span and
 * thrown on. With an OpenTelemetry SDK registered the span is the SDK's; without one only the ids exist.
 *
 * @param name what is done, such as `retrieve`
 * @param component which part of the system does it, such as `InferenceEngine`
 * @param fn gets the operation's context
 * @returns what `fn` returns
 */
export function tracedOperation<T>(
  name: string,
  component: string,
  fn: (operation: TraceContext) => T,
  options?: TracedOperationOptions,
): T;
export function tracedOperation<T>(
  name: string,
  component: string,
  fn: (operation: TraceContext) => T | Promise<T>,
  { metadata = {} }: TracedOperationOptions = {},
): T | Promise<T> {
  ensureAsyncContext();
  return runTraced({ name, component, metadata, run: fn }, context.active(), {});
}

/**
 * Runs `fn` as the root of a new trace, whatever the context around it: one request to a service. A span around it is
 * named by a link, not as the parent. To continue a caller's trace instead, use `runWithCarrier` and
 * {@link tracedOperation}. Everything else is as in {@link tracedOperation}.
 *
 * @returns what `fn` returns
 */
export function tracedRequest<T>(
  name: string,
  component: string,
  fn: (request: TraceContext) => T,
  options?: TracedOperationOptions,
): T;
export function tracedRequest<T>(
  name: string,
  component: string,
  fn: (request: TraceContext) => T | Promise<T>,
  { metadata = {} }: TracedOperationOptions = {},
): T | Promise<T> {
  ensureAsyncContext();
  const around = trace.getSpanContext(context.active());
  const links = around !== undefined && isSpanContextValid(around) ? [{ context: around }] : [];
  const base = trace.deleteSpan(context.active());
  return runTraced({ name, component, metadata, run: fn }, base, { root: true, links });
}

function runTraced<T>(
  { name, component, metadata, run }: Operation<T>,
  base: Context,
  options: SpanOptions,
): T | Promise<T> {
  const parent = context.with(base, () => TraceContext.current());
  const attributes = { ...metadata, 'pixelis.component': component };
  const span = startSpan(name, { ...options, attributes }, base);
  const operation = new TraceContext(span.spanContext(), {
    parentSpanId: parent?.spanId,
    component,
    metadata: { ...parent?.metadata, ...metadata },
  });
  const inside = operation.within(trace.setSpan(base, span));
  return context.with(inside, () => endingSpan(span, () => run(operation)));
}

/** The SDK's span or, where the tracer only hands on what it was given, one that has an id and records nothing. */
function startSpan(name: string, options: SpanOptions, base: Context): Span {
  const span = trace.getTracer('@pixelis/tracing').startSpan(name, options, base);
  const started = span.spanContext();
  const parent = trace.getSpanContext(base);
  if (isSpanContextValid(started) && started.spanId !== parent?.spanId) return span;
  return trace.wrapSpanContext(childSpanContext(parent));
}

function childSpanContext(parent: SpanContext | undefined): SpanContext {
  const spanId = cryptoIdGenerator.generateSpanId();
  if (parent !== undefined && isSpanContextValid(parent)) {
    return { ...parent, spanId, isRemote: false };
  }
  // Not sampled: nothing here records it, and what is downstream must not look for it.
  return { traceId: cryptoIdGenerator.generateTraceId(), spanId, traceFlags: TraceFlags.NONE };
}

function endingSpan<T>(span: Span, run: () => T | Promise<T>): T | Promise<T> {
  let result: T | Promise<T>;
  try {
    result = run();
  } catch (error) {
    failSpan(span, error);
    throw error;
  }
  if (!isPromise(result)) {
    span.end();
    return result;
  }
  return result.then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      failSpan(span, error);
      throw error;
    },
  );
}

/** Native promises alone, of any realm: another thenable (a query not yet sent, say) is a value that must stay what it is. */
function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return types.isPromise(value);
}

function failSpan(span: Span, error: unknown): void {
  const exception = isError(error) || typeof error === 'string' ? error : inspect(error);
  span.recordException(exception);
  const message = typeof exception === 'string' ? exception : exception.message;
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
}
