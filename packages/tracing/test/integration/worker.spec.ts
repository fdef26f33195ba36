import { context } from '@opentelemetry/api';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TraceContext } from '../../src/trace-context';
import { tracedRequest } from '../../src/traced-operation';

const WORKER = join(__dirname, '../fixtures/worker.js');

afterEach(() => {
  context.disable();
});

async function linesOfWorker(): Promise<unknown> {
  const carrier = TraceContext.current()?.toCarrier();
  const worker = new Worker(WORKER, { workerData: { carrier } });
  const answer: unknown[] = await once(worker, 'message');
  await worker.terminate();
  return answer[0];
}

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

describe('a worker thread', () => {
  it('continues the trace whose carrier it is given, and says its thread', async () => {
    const [request, lines] = await tracedRequest('request', 'Engine', async (root) => [
      root,
      await linesOfWorker(),
    ]);

    const { traceId, spanId } = request;
    const outside = { trace_id: null, span_id: null, parent_span_id: null, component: null };
    const thread = matching(/^worker-\d+$/);
    expect(lines).toMatchObject([
      { message: 'before', thread, ...outside },
      { message: 'continued', thread, trace_id: traceId, span_id: spanId },
      {
        message: 'working',
        thread,
        trace_id: traceId,
        parent_span_id: spanId,
        component: 'ShardWorker',
      },
      { message: 'after', thread, ...outside },
    ]);
  });

  it('starts its own trace where it is given no carrier', async () => {
    expect(await linesOfWorker()).toMatchObject([
      { message: 'before' },
      { message: 'continued', trace_id: null },
      {
        message: 'working',
        trace_id: matching(/^[\da-f]{32}$/),
        parent_span_id: null,
      },
      { message: 'after' },
    ]);
  });
});
