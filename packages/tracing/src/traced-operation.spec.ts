import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TraceContext } from './trace-context';
import { tracedOperation, tracedRequest } from './traced-operation';

afterEach(() => {
  trace.disable();
  context.disable();
});

describe('tracedOperation', () => {
  it('tracedOperation() starts a trace where there is none, and ends it', () => {
    const inside = tracedOperation('work', 'Worker', (operation) => {
      expect(TraceContext.current()).toBe(operation);
      return operation;
    });

    expect(inside.traceId).toMatch(/^[\da-f]{32}$/);
    expect(inside.spanId).toMatch(/^[\da-f]{16}$/);
    expect(inside).toMatchObject({ component: 'Worker', parentSpanId: undefined, metadata: {} });
    expect(TraceContext.current()).toBeUndefined();
  });

  it('tracedOperation() keeps the trace id in a child and names its parent span', () => {
    tracedOperation('outer', 'Outer', (outer) => {
      tracedOperation('inner', 'Inner', (inner) => {
        expect(inner).toMatchObject({
          traceId: outer.traceId,
          parentSpanId: outer.spanId,
          component: 'Inner',
        });
        expect(inner.spanId).not.toBe(outer.spanId);
      });
      expect(TraceContext.current()).toBe(outer);
    });
  });

  it('tracedOperation() gives a child the metadata of its parent, its own first', () => {
    const metadata = tracedOperation(
      'outer',
      'Outer',
      () => tracedOperation('inner', 'Inner', (inner) => inner.metadata, { metadata: { k: 2 } }),
      { metadata: { k: 1, user: 'ada' } },
    );

    expect(metadata).toEqual({ k: 2, user: 'ada' });
    expect(Object.isFrozen(metadata)).toBe(true);
  });

  it('tracedOperation() keeps type and value of a synchronous result', () => {
    const sum: number = tracedOperation('add', 'Test', () => 1 + 1);

    expect(sum).toBe(2);
  });

  it('tracedOperation() keeps type and value of an asynchronous result, and the context over awaits', async () => {
    const result: Promise<boolean> = tracedOperation('wait', 'Test', async (operation) => {
      await nextTurn();
      return TraceContext.current() === operation;
    });

    expect(TraceContext.current()).toBeUndefined();
    await expect(result).resolves.toBe(true);
    expect(TraceContext.current()).toBeUndefined();
  });

  it('tracedOperation() does not touch a thenable that is no promise', () => {
    const query = { then: jest.fn() };

    expect(tracedOperation('build', 'Test', () => query)).toBe(query);
    expect(query.then).not.toHaveBeenCalled();
  });

  it('tracedOperation() throws on what its function threw, and rejects with what it rejected with', async () => {
    const error = new Error('broken');
    const fail = (): never => {
      throw error;
    };

    expect(() => tracedOperation('fail', 'Test', fail)).toThrow(error);
    await expect(tracedOperation('fail', 'Test', () => Promise.reject(error))).rejects.toBe(error);
    expect(TraceContext.current()).toBeUndefined();
  });

  it.each([[undefined], [null], ['text'], [Object.create(null)], [Symbol('s')]])(
    'tracedOperation() throws on %p, which is no error',
    (thrown: unknown) => {
      let caught: unknown = 'nothing';
      try {
        tracedOperation('fail', 'Test', () => {
          throw thrown;
        });
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(thrown);
    },
  );

  it('tracedOperation() leaves Math.random alone', () => {
    const random = jest.spyOn(Math, 'random');

    tracedOperation('outer', 'Test', () => tracedOperation('inner', 'Test', () => undefined));

    expect(random).not.toHaveBeenCalled();
    random.mockRestore();
  });

  it('tracedOperation() keeps a context manager that is already there', () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    const entered = jest.spyOn(manager, 'with');
    context.setGlobalContextManager(manager);

    tracedOperation('work', 'Test', () => undefined);

    expect(entered).toHaveBeenCalled();
    expect(context.setGlobalContextManager(new AsyncLocalStorageContextManager())).toBe(false);
  });

  it('tracedOperation() keeps the baggage around it', () => {
    const baggage = propagation.createBaggage({ tenant: { value: 'a' } });
    tracedOperation('start the manager', 'Test', () => undefined);

    const seen = context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () =>
      tracedRequest('request', 'Test', () => propagation.getActiveBaggage()),
    );

    expect(seen).toBe(baggage);
  });
});

describe('tracedRequest', () => {
  it('tracedRequest() starts a new trace whatever is around it', () => {
    tracedOperation(
      'outer',
      'Outer',
      (outer) => {
        const request = tracedRequest('request', 'Engine', (root) => root);

        expect(request.traceId).not.toBe(outer.traceId);
        expect(request.parentSpanId).toBeUndefined();
        expect(request.metadata).toEqual({});
        expect(TraceContext.current()).toBe(outer);
      },
      { metadata: { user: 'ada' } },
    );
  });

  it('tracedRequest() resets the context after an error', async () => {
    const failing = tracedRequest('request', 'Engine', async () => {
      await nextTurn();
      throw new Error('broken');
    });

    await expect(failing).rejects.toThrow('broken');
    expect(TraceContext.current()).toBeUndefined();
  });
});

describe('TraceContext', () => {
  it('TraceContext.current() sees a span that something else started, with the component around it', () => {
    tracedOperation(
      'outer',
      'Outer',
      (outer) => {
        const foreign = { traceId: outer.traceId, spanId: '00f067aa0ba902b7', traceFlags: 0 };
        const inside = trace.setSpanContext(context.active(), foreign);

        const current = context.with(inside, () => TraceContext.current());

        expect(current).toMatchObject({
          traceId: outer.traceId,
          spanId: foreign.spanId,
          parentSpanId: undefined,
          component: 'Outer',
          metadata: { k: 1 },
        });
      },
      { metadata: { k: 1 } },
    );
  });

  it('TraceContext.current() gives a foreign trace no component of ours', () => {
    tracedOperation('outer', 'Outer', () => {
      const foreign = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 };
      const inside = trace.setSpanContext(context.active(), foreign);

      const current = context.with(inside, () => TraceContext.current());

      expect(current?.traceId).toBe(foreign.traceId);
      expect(current?.component).toBeUndefined();
    });
  });
});
