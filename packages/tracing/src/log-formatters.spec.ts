import { ColoredTracingFormatter, JsonFormatter, TracingFormatter } from './log-formatters';
import type { LogRecord } from './log-record';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

const outside: LogRecord = {
  time: '2026-11-22T13:55:00.042Z',
  name: 'pixelis.training',
  level: 'INFO',
  message: 'step done',
  thread: 'main',
  fields: {},
};

const inside: LogRecord = {
  ...outside,
  traceId: TRACE_ID,
  spanId: '00f067aa0ba902b7',
  parentSpanId: '53995c3f42cd8ad8',
  component: 'Trainer',
};

describe('TracingFormatter', () => {
  it('TracingFormatter says trace id and component', () => {
    expect(new TracingFormatter().format(inside)).toBe(
      `2026-11-22T13:55:00.042Z - pixelis.training - INFO - [${TRACE_ID}|Trainer] - step done`,
    );
  });

  it('TracingFormatter says - for both outside a request', () => {
    expect(new TracingFormatter().format(outside)).toBe(
      '2026-11-22T13:55:00.042Z - pixelis.training - INFO - [-|-] - step done',
    );
  });

  it('TracingFormatter leaves the trace out where tracing is off', () => {
    expect(new TracingFormatter({ tracing: false }).format(inside)).toBe(
      '2026-11-22T13:55:00.042Z - pixelis.training - INFO - step done',
    );
  });

  it.each([
    ['a number', { loss: 0.5 }, 'loss=0.5'],
    ['a word', { stage: 'simple' }, 'stage=simple'],
    ['blanks', { text: 'two words' }, 'text="two words"'],
    ['an empty string', { text: '' }, 'text=""'],
    ['quotes', { text: 'a"b' }, 'text="a\\"b"'],
    ['an equals sign', { text: 'a=b' }, 'text="a=b"'],
    ['a line end', { text: 'a\nb' }, 'text="a\\nb"'],
    ['null', { next: null }, 'next=null'],
    ['undefined', { next: undefined }, 'next=undefined'],
    ['a list', { shape: [2, 3] }, 'shape=[2,3]'],
    ['an object', { at: { x: 1 } }, 'at={"x":1}'],
    ['a key with a blank', { 'a b': 1 }, '"a b"=1'],
    ['several', { step: 1, loss: 2 }, 'step=1 loss=2'],
    ['an error', { err: { type: 'TypeError', message: 'no shape' } }, 'err="TypeError: no shape"'],
    [
      'an error with its stack',
      { err: { type: 'Error', message: 'm', stack: 'Error: m\n    at f' } },
      'err="Error: m" stack="Error: m\\n    at f"',
    ],
    ['what only looks like an error', { err: { type: 1 } }, 'err={"type":1}'],
  ])('TracingFormatter puts %s at the end as key=value', (_, fields, expected) => {
    const line = new TracingFormatter({ tracing: false }).format({ ...outside, fields });

    expect(line).toBe(`2026-11-22T13:55:00.042Z - pixelis.training - INFO - step done ${expected}`);
  });

  it('TracingFormatter says fields alone where there is no message', () => {
    const line = new TracingFormatter().format({ ...outside, message: '', fields: { loss: 1 } });

    expect(line).toMatch(/ - \[-\|-\] - loss=1$/);
  });

  it('TracingFormatter escapes what would forge a second line or steer a terminal', () => {
    const message = 'ok\r\n2026 - root - INFO - forged\u2028\u001b[2J\u009b1m\tend\u202e';

    const line = new TracingFormatter({ tracing: false }).format({ ...outside, message });

    expect(line).toMatch(
      / - INFO - ok\\r\\n2026 - root - INFO - forged\\u2028\\u001b\[2J\\u009b1m\\tend\\u202e$/,
    );
  });
});

describe('ColoredTracingFormatter', () => {
  it.each([
    ['TRACE', 90],
    ['DEBUG', 36],
    ['INFO', 32],
    ['WARN', 33],
    ['ERROR', 31],
    ['FATAL', 35],
  ])('ColoredTracingFormatter colours %s and nothing else', (level, color) => {
    expect(new ColoredTracingFormatter().format({ ...inside, level })).toBe(
      `2026-11-22T13:55:00.042Z - pixelis.training - \u001b[${color}m${level}\u001b[39m` +
        ` - [${TRACE_ID}|Trainer] - step done`,
    );
  });

  it('ColoredTracingFormatter leaves a level that it does not know plain', () => {
    const record = { ...outside, level: 'NOTICE\u001b' };

    expect(new ColoredTracingFormatter({ tracing: false }).format(record)).toBe(
      '2026-11-22T13:55:00.042Z - pixelis.training - NOTICE\\u001b - step done',
    );
  });
});

describe('JsonFormatter', () => {
  it('JsonFormatter says ids, component and thread, then the fields', () => {
    const line = new JsonFormatter().format({ ...inside, fields: { loss: 0.5 } });

    expect(line).toBe(
      '{"time":"2026-11-22T13:55:00.042Z","name":"pixelis.training","level":"INFO",' +
        `"message":"step done","thread":"main","trace_id":"${TRACE_ID}",` +
        '"span_id":"00f067aa0ba902b7","parent_span_id":"53995c3f42cd8ad8",' +
        '"component":"Trainer","loss":0.5}',
    );
  });

  it('JsonFormatter says null outside a request', () => {
    expect(JSON.parse(new JsonFormatter().format(outside))).toMatchObject({
      trace_id: null,
      span_id: null,
      parent_span_id: null,
      component: null,
    });
  });

  it('JsonFormatter keeps a field from taking the place of its own', () => {
    const fields = { level: 'fine', trace_id: 'forged' };

    expect(JSON.parse(new JsonFormatter().format({ ...inside, fields }))).toMatchObject({
      level: 'INFO',
      level_: 'fine',
      trace_id: TRACE_ID,
      trace_id_: 'forged',
    });
  });
});
