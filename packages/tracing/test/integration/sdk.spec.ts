import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type Sampler,
} from '@opentelemetry/sdk-trace-base';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cryptoIdGenerator } from '../../src/trace-ids';
import { runWithCarrier } from '../../src/trace-carrier';
import { TraceContext } from '../../src/trace-context';
import { tracedOperation, tracedRequest } from '../../src/traced-operation';

let exporter: InMemorySpanExporter;

beforeEach(() => {
  exporter = new InMemorySpanExporter();
});

afterEach(() => {
  trace.disable();
  context.disable();
});

function registerSdk(sampler?: Sampler): void {
  const provider = new BasicTracerProvider({
    idGenerator: cryptoIdGenerator,
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    ...(sampler === undefined ? {} : { sampler }),
  });
  trace.setGlobalTracerProvider(provider);
}

function spanNamed(name: string): ReadableSpan {
  const spans = exporter.getFinishedSpans().filter((span) => span.name === name);
  expect(spans).toHaveLength(1);
  return spans[0]!;
}

describe('with an OpenTelemetry SDK', () => {
  it('the spans that arrive have the ids, parents and attributes of the operations', async () => {
    registerSdk();

    const [request, child] = await tracedRequest('request', 'Engine', async (root) => {
      await nextTurn();
      const inner = await tracedOperation('retrieve', 'Memory', (op) => Promise.resolve(op), {
        metadata: { k: 5 },
      });
      return [root, inner] as const;
    });

    const rootSpan = spanNamed('request');
    const childSpan = spanNamed('retrieve');
    expect(rootSpan.spanContext()).toMatchObject({
      traceId: request.traceId,
      spanId: request.spanId,
    });
    expect(rootSpan.parentSpanContext).toBeUndefined();
    expect(childSpan.spanContext()).toMatchObject({
      traceId: request.traceId,
      spanId: child.spanId,
    });
    expect(childSpan.parentSpanContext?.spanId).toBe(request.spanId);
    expect(child.parentSpanId).toBe(request.spanId);
    expect(childSpan.attributes).toEqual({ k: 5, 'pixelis.component': 'Memory' });
    expect(childSpan.kind).toBe(SpanKind.INTERNAL);
    expect(exporter.getFinishedSpans()).toHaveLength(2);
  });

  it('a request inside an operation is a root with a link to it', () => {
    registerSdk();

    const around = tracedOperation('around', 'Test', (operation) => {
      tracedRequest('request', 'Engine', () => undefined);
      return operation;
    });

    const { parentSpanContext, links } = spanNamed('request');
    expect(parentSpanContext).toBeUndefined();
    expect(links).toMatchObject([{ context: { spanId: around.spanId } }]);
  });

  it('an SDK registered after the first operation gets the spans from then on', () => {
    tracedRequest('early', 'Engine', () => undefined);
    registerSdk();
    tracedRequest('late', 'Engine', () => undefined);

    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['late']);
  });

  it('an error is recorded on the span, synchronous or not', async () => {
    registerSdk();
    const error = new TypeError('no shape');

    expect(() =>
      tracedOperation('sync', 'Test', () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(tracedOperation('async', 'Test', () => Promise.reject(error))).rejects.toBe(error);

    for (const name of ['sync', 'async']) {
      const { status, events, ended } = spanNamed(name);
      expect(ended).toBe(true);
      expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'no shape' });
      expect(events).toMatchObject([
        {
          name: 'exception',
          attributes: { 'exception.type': 'TypeError', 'exception.message': 'no shape' },
        },
      ]);
    }
  });

  it('a span ends when its promise settles, not before', async () => {
    registerSdk();

    const operation = tracedOperation('wait', 'Test', () => nextTurn());
    const before = exporter.getFinishedSpans().length;
    await operation;

    expect(before).toBe(0);
    expect(exporter.getFinishedSpans()).toHaveLength(1);
  });

  it('a span that a sampler drops keeps ids of its own', () => {
    registerSdk(new AlwaysOffSampler());

    tracedRequest('request', 'Engine', (root) => {
      tracedOperation('child', 'Engine', (child) => {
        expect(child.traceId).toBe(root.traceId);
        expect(child.parentSpanId).toBe(root.spanId);
        expect(child.spanId).not.toBe(root.spanId);
      });
    });

    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it('a span of the SDK is the parent of an operation inside it', () => {
    registerSdk();
    tracedOperation('start the context manager', 'Test', () => undefined);

    trace.getTracer('other').startActiveSpan('http', (http) => {
      const operation = tracedOperation('handle', 'Test', (inside) => inside);

      expect(TraceContext.current()?.spanId).toBe(http.spanContext().spanId);
      expect(operation.parentSpanId).toBe(http.spanContext().spanId);
    });
  });

  it('a carrier makes the span a child of a remote one', () => {
    registerSdk();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

    runWithCarrier({ traceparent }, () => tracedOperation('work', 'Worker', () => undefined));

    expect(spanNamed('work').parentSpanContext).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      isRemote: true,
    });
  });
});
