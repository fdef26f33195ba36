import {
  context,
  createContextKey,
  isSpanContextValid,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { writeCarrier, type TraceCarrier } from './trace-carrier';

/** What is said of an operation beside its name; it is kept as attributes of the span, under these keys. */
export type TraceMetadata = Readonly<Record<string, string | number | boolean>>;

interface TraceContextInit {
  parentSpanId?: string | undefined;
  component?: string | undefined;
  metadata?: TraceMetadata | undefined;
}

const OPERATION_KEY = createContextKey('pixelis.tracing.operation');

/** Where in which trace the program is: the span that is active, and what Pixelis knows of it. */
export class TraceContext {
  /** 32 hex digits, the same in every operation of a request. */
  readonly traceId: string;
  /** 16 hex digits, this operation's own. */
  readonly spanId: string;
  /** The span that this one is part of; `undefined` for a root and for a span that Pixelis did not start. */
  readonly parentSpanId: string | undefined;
  /** The part of the system that works, such as `InferenceEngine`. */
  readonly component: string | undefined;
  /** The operation's own metadata over that of the operations around it. */
  readonly metadata: TraceMetadata;
  readonly #spanContext: SpanContext;

  /** @internal Use {@link TraceContext.current} or the argument that an operation's function gets. */
  constructor(spanContext: SpanContext, init: TraceContextInit = {}) {
    this.#spanContext = spanContext;
    this.traceId = spanContext.traceId;
    this.spanId = spanContext.spanId;
    this.parentSpanId = init.parentSpanId;
    this.component = init.component;
    this.metadata = Object.freeze({ ...init.metadata });
  }

  /**
   * The context of the code that asks. A span that something else started, such as an HTTP instrumentation inside an
   * operation, counts: its ids, with the component and metadata of the operation around it in the same trace.
   *
   * @returns `undefined` outside any trace
   */
  static current(): TraceContext | undefined {
    const active = context.active();
    const spanContext = trace.getSpanContext(active);
    if (spanContext === undefined || !isSpanContextValid(spanContext)) return undefined;
    const operation = active.getValue(OPERATION_KEY);
    if (!(operation instanceof TraceContext) || operation.traceId !== spanContext.traceId) {
      return new TraceContext(spanContext);
    }
    if (operation.spanId === spanContext.spanId) return operation;
    const { component, metadata } = operation;
    return new TraceContext(spanContext, { component, metadata });
  }

  /** The trace in the form that crosses to a worker thread or another process; see `runWithCarrier`. */
  toCarrier(): TraceCarrier {
    return writeCarrier(this.#spanContext);
  }

  /** @internal The OpenTelemetry context `base` in which this is the operation under way. */
  within(base: Context): Context {
    return base.setValue(OPERATION_KEY, this);
  }
}
