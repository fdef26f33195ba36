import { LineCollector } from '../test/line-collector';
import { createLogger, setupLogging } from './logging';
import { tracedOperation } from './traced-operation';

let destination: LineCollector;

beforeEach(() => {
  destination = new LineCollector();
  jest.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13, 55, 0, 42), doNotFake: ['nextTick'] });
});

afterEach(() => jest.useRealTimers());

describe('setupLogging', () => {
  it('setupLogging() gives time - name - LEVEL - message', () => {
    setupLogging({ destination });

    createLogger('exact').info({ loss: 0.5 }, 'step %d', 7);

    expect(destination.lines).toEqual([
      '2026-11-22T13:55:00.042Z - exact - INFO - step 7 loss=0.5\n',
    ]);
  });

  it('setupLogging() with tracing says trace id and component, and - outside a request', () => {
    setupLogging({ destination, tracing: true });
    const log = createLogger('exact');

    log.warn('before');
    const { traceId } = tracedOperation('work', 'Worker', (operation) => {
      log.warn('inside');
      return operation;
    });

    expect(destination.lines).toEqual([
      '2026-11-22T13:55:00.042Z - exact - WARN - [-|-] - before\n',
      `2026-11-22T13:55:00.042Z - exact - WARN - [${traceId}|Worker] - inside\n`,
    ]);
  });

  it('setupLogging() with json says the ids', () => {
    setupLogging({ destination, format: 'json' });

    const { traceId, spanId, parentSpanId } = tracedOperation('outer', 'Outer', () =>
      tracedOperation('inner', 'Inner', (inner) => {
        createLogger('exact').error({ step: 1 }, 'inside');
        return inner;
      }),
    );

    expect(destination.objects()).toEqual([
      {
        time: '2026-11-22T13:55:00.042Z',
        name: 'exact',
        level: 'ERROR',
        message: 'inside',
        thread: 'main',
        trace_id: traceId,
        span_id: spanId,
        parent_span_id: parentSpanId,
        component: 'Inner',
        step: 1,
      },
    ]);
  });

  it('setupLogging() is obeyed by loggers and children made before it, in all it says', () => {
    setupLogging({ destination: new LineCollector(), level: 'error' });
    const log = createLogger('early');
    const child = log.child({ shard: 3 });

    setupLogging({ destination, level: 'debug', tracing: true });
    log.debug('now');
    child.debug('too');
    setupLogging({ destination, level: 'warn' });
    log.info('not');
    child.info('not');

    expect(destination.lines).toEqual([
      '2026-11-22T13:55:00.042Z - early - DEBUG - [-|-] - now\n',
      '2026-11-22T13:55:00.042Z - early - DEBUG - [-|-] - too shard=3\n',
    ]);
    expect(log.isLevelEnabled('info')).toBe(false);
  });

  it('setupLogging() writes nothing at silent', () => {
    setupLogging({ destination, level: 'silent' });

    createLogger('exact').fatal('end');

    expect(destination.lines).toEqual([]);
  });

  it.each([
    [{ level: 'loud' }, 'level must be one of trace, debug, info, warn, error, fatal, silent'],
    [{ format: 'xml' }, 'format must be one of pretty, json'],
  ])('setupLogging() refuses %p', (options, message) => {
    // @ts-expect-error -- what a program in JavaScript may pass
    expect(() => setupLogging(options)).toThrow(new RegExp(message));
    // @ts-expect-error -- what a program in JavaScript may pass
    expect(() => setupLogging(options)).toThrow(RangeError);
  });
});

describe('setupLogging colors', () => {
  const { NO_COLOR, TERM } = process.env;

  beforeEach(() => {
    delete process.env['NO_COLOR'];
    process.env['TERM'] = 'xterm';
  });

  afterAll(() => {
    if (NO_COLOR !== undefined) process.env['NO_COLOR'] = NO_COLOR;
    if (TERM === undefined) delete process.env['TERM'];
    else process.env['TERM'] = TERM;
  });

  function isColored(isTTY: boolean, colors?: boolean | 'auto'): boolean {
    const terminal = Object.assign(new LineCollector(), { isTTY });
    setupLogging({ destination: terminal, ...(colors === undefined ? {} : { colors }) });
    createLogger('colors').info('hello');
    return terminal.lines.join('').includes('\u001b[32mINFO\u001b[39m');
  }

  it('setupLogging() colours on a terminal alone unless told', () => {
    expect(isColored(true)).toBe(true);
    expect(isColored(false)).toBe(false);
    expect(isColored(false, true)).toBe(true);
    expect(isColored(true, false)).toBe(false);
  });

  it('setupLogging() heeds NO_COLOR, which is off when empty, and TERM=dumb', () => {
    process.env['NO_COLOR'] = '1';
    expect(isColored(true)).toBe(false);
    expect(isColored(true, true)).toBe(true);
    process.env['NO_COLOR'] = '';
    expect(isColored(true)).toBe(true);
    process.env['TERM'] = 'dumb';
    expect(isColored(true)).toBe(false);
  });
});

describe('createLogger', () => {
  it('createLogger() gives the same logger for the same name', () => {
    expect(createLogger('same')).toBe(createLogger('same'));
    expect(createLogger('same')).not.toBe(createLogger('other'));
  });

  it('createLogger() shows the message of an error, with its causes, and the stack at debug alone', () => {
    const error = new TypeError('no shape', { cause: new Error('no file') });
    setupLogging({ destination });
    createLogger('errors').error({ err: error }, 'failed');
    createLogger('errors').error(error);
    setupLogging({ destination, level: 'debug' });
    createLogger('errors').error({ err: error }, 'failed');

    const [plain, alone, withStack] = destination.lines;
    expect(plain).toMatch(/ - ERROR - failed err="TypeError: no shape: no file"\n$/);
    expect(alone).toMatch(/ - ERROR - no shape err="TypeError: no shape: no file"\n$/);
    expect(withStack).toMatch(/ err="TypeError: no shape: no file" stack="TypeError: .*\\n +at /);
    expect(withStack?.indexOf('\n')).toBe((withStack?.length ?? 0) - 1);
  });

  it('createLogger() keeps what JSON has no number for', () => {
    setupLogging({ destination });

    createLogger('numbers').info({ loss: NaN, best: -Infinity, big: 2n ** 64n, at: -1.5 }, 'step');

    expect(destination.lines[0]).toMatch(
      / step loss=NaN best=-Infinity big=18446744073709551616 at=-1.5\n$/,
    );
  });

  it('createLogger() keeps fields from taking the place of time, name, level, message or trace', () => {
    const fields = { time: 'T', name: 'N', level: 'L', message: 'M', component: 'C', fields: 'F' };
    setupLogging({ destination, tracing: true });

    createLogger('exact').info(fields, 'real');

    expect(destination.lines).toEqual([
      '2026-11-22T13:55:00.042Z - exact - INFO - [-|-] - real' +
        ' time=T name=N level=L message=M component=C fields=F\n',
    ]);
  });

  it('createLogger() takes circular objects, odd keys and no message', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const odd: unknown = JSON.parse('{"__proto__":1,"constructor":2,"toString":3}');
    const cause = new Error('b');
    cause.cause = cause;
    setupLogging({ destination });

    createLogger('odd').info({ circle });
    createLogger('odd').info(odd);
    createLogger('odd').info({ err: cause });

    expect(destination.lines).toEqual([
      '2026-11-22T13:55:00.042Z - odd - INFO - circle={"self":"[Circular]"}\n',
      '2026-11-22T13:55:00.042Z - odd - INFO - __proto__=1 constructor=2 toString=3\n',
      '2026-11-22T13:55:00.042Z - odd - INFO - b err="Error: b"\n',
    ]);
  });

  it.each(['pretty', 'json'] as const)(
    'createLogger() writes no secret in format %s: not of the message, fields, errors, stacks and bindings',
    (format) => {
      const mark = 'Qz7hush';
      setupLogging({ destination, level: 'debug', format });
      const error = new Error(`no answer from https://me:${mark}@example.org/`, {
        cause: new Error(`Authorization: Bearer ${mark}`),
      });
      const log = createLogger('secrets').child({ api_key: mark });

      log.info(
        { password: mark, argv: ['--token', mark], nested: { url: `?token=${mark}` } },
        `a\npassword: "${mark}"`,
      );
      log.error({ err: error }, 'failed');
      log.error(error);
      log.info({ sha256: '0af7', tokens: 5, max_token: 'x', loss: 0.5 }, 'kept %s', 'tokens=5');

      const text = destination.lines.join('');
      expect(text).not.toContain(mark);
      expect(destination.lines).toHaveLength(4);
      expect(destination.lines[0]).toContain('[redacted]');
      expect(destination.lines[3]).toContain('kept tokens=5');
      if (format === 'json') {
        expect(destination.objects()[3]).toMatchObject({
          sha256: '0af7',
          tokens: 5,
          max_token: 'x',
        });
      }
    },
  );
});
