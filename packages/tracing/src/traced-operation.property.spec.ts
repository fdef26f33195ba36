import fc from 'fast-check';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { LineCollector } from '../test/line-collector';
import { createLogger, setupLogging } from './logging';
import { TraceContext } from './trace-context';
import { tracedOperation, tracedRequest } from './traced-operation';

/** An operation that logs, waits, runs its children one after another or at once, waits and logs. */
interface Plan {
  waits: readonly Wait[];
  isParallel: boolean;
  isFailing: boolean;
  children: readonly Plan[];
}

type Wait = 'microtask' | 'immediate' | 'timer' | 'callback';

const plans = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    waits: fc.array(fc.constantFrom<Wait>('microtask', 'immediate', 'timer', 'callback'), {
      maxLength: 3,
    }),
    isParallel: fc.boolean(),
    isFailing: fc.boolean(),
    children: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('plan'), { minLength: 1, maxLength: 3 }),
    ),
  }),
})).plan;

const log = createLogger('property');

describe('tracedRequest and tracedOperation', () => {
  it('no line carries the ids of another request, and a child names its parent, however they interleave', async () => {
    const requests = fc.array(plans, { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(requests, fc.boolean(), async (forest, isNested) => {
        const destination = new LineCollector();
        setupLogging({ format: 'json', destination });
        const runAll = async () => {
          const requests = forest.map((plan, i) =>
            settled(tracedRequest('request', `c${i}`, () => execute(plan, `r${i}`))),
          );
          await Promise.all([idle(), ...requests]);
          return TraceContext.current()?.traceId ?? null;
        };

        const around = isNested
          ? await tracedOperation('around', 'Around', runAll)
          : await runAll();

        expect(TraceContext.current()).toBeUndefined();
        expect(around !== null).toBe(isNested);
        checkLines(destination, around);
      }),
      { numRuns: 60 },
    );
  });
});

/** Logs outside the requests while they run. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    log.info('outside');
    await nextTurn();
  }
}

async function execute(plan: Plan, path: string): Promise<void> {
  log.info(path);
  for (const wait of plan.waits) {
    await waitFor(wait, () => log.info(path));
    log.info(path);
  }
  const start = (child: Plan, i: number) =>
    settled(
      tracedOperation('child', `c${path.slice(1)}.${i}`, () => execute(child, `${path}.${i}`)),
    );
  if (plan.isParallel) await Promise.all(plan.children.map(start));
  else for (const [i, child] of plan.children.entries()) await start(child, i);
  log.info(path);
  if (plan.isFailing) throw new Error(path);
}

async function waitFor(wait: Wait, callback: () => void): Promise<void> {
  if (wait === 'microtask') await Promise.resolve();
  else if (wait === 'immediate') await nextTurn();
  else if (wait === 'timer') await delay(0);
  else await new Promise<void>((resolve) => setImmediate(() => process.nextTick(resolve)));
  callback();
}

async function settled(promise: Promise<void>): Promise<void> {
  await promise.catch(() => undefined);
}

interface Ids {
  trace: unknown;
  span: unknown;
  parent: unknown;
  component: unknown;
}

/** The message of a line is the path of the operation that logged it: `r<request>.<child>.<grandchild>…`. */
function checkLines(destination: LineCollector, around: string | null): void {
  const byPath = new Map<string, Ids>();
  for (const line of destination.objects()) {
    const path = String(line['message']);
    if (path === 'outside') {
      expect(line['trace_id']).toBe(around);
      continue;
    }
    const ids = {
      trace: line['trace_id'],
      span: line['span_id'],
      parent: line['parent_span_id'],
      component: line['component'],
    };
    expect(byPath.get(path) ?? ids).toEqual(ids);
    byPath.set(path, ids);
  }
  for (const [path, ids] of byPath) {
    const parent = byPath.get(path.slice(0, Math.max(0, path.lastIndexOf('.'))));
    expect(ids.component).toBe(`c${path.slice(1)}`);
    expect(ids.parent).toBe(parent?.span ?? null);
    if (parent !== undefined) expect(ids.trace).toBe(parent.trace);
  }
  const values = [...byPath.values()];
  const requests = [...byPath.keys()].filter((path) => !path.includes('.'));
  expect(new Set(values.map(({ span }) => span)).size).toBe(byPath.size);
  expect(new Set(values.map(({ trace }) => trace)).size).toBe(requests.length);
}
