import fc from 'fast-check';
import { ColoredTracingFormatter, JsonFormatter, TracingFormatter } from './log-formatters';
import type { LogRecord } from './log-record';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\n', '\r', '\u2028', '\u0085', '\u001b', ' - ', 'a') }),
);

const records: fc.Arbitrary<LogRecord> = fc.record({
  time: fc.constant('2026-11-22T13:55:00.042Z'),
  name: text,
  level: text,
  message: text,
  thread: fc.constant('main'),
  traceId: fc.option(text, { nil: undefined }),
  component: fc.option(text, { nil: undefined }),
  fields: fc.dictionary(text, fc.jsonValue()),
});

// What Unicode and ECMA-48 count as control, line end or direction.
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

describe('formatters', () => {
  it('TracingFormatter and JsonFormatter write no control character, whatever the record', () => {
    fc.assert(
      fc.property(records, fc.boolean(), (record, tracing) => {
        expect(new TracingFormatter({ tracing }).format(record)).not.toMatch(CONTROL);
        expect(new JsonFormatter().format(record)).not.toMatch(CONTROL);
      }),
    );
  });

  it('ColoredTracingFormatter writes what TracingFormatter does, but for two colour codes', () => {
    const level = fc.constantFrom('INFO', 'ERROR');
    fc.assert(
      fc.property(records, level, (record, known) => {
        const leveled = { ...record, level: known };
        const colored = new ColoredTracingFormatter().format(leveled);

        expect(colored.replace(/\u001b\[3\d?m/g, '')).toBe(new TracingFormatter().format(leveled));
      }),
    );
  });

  it('JsonFormatter loses nothing of message and fields', () => {
    fc.assert(
      fc.property(records, (record) => {
        const fields = Object.fromEntries(
          Object.entries(record.fields).map(([key, value]) => [`f_${key}`, value]),
        );

        const read: unknown = JSON.parse(new JsonFormatter().format({ ...record, fields }));

        const { message, name } = record;
        // What JSON itself does to a value, such as -0 to 0, is not ours.
        const expected: unknown = JSON.parse(JSON.stringify({ ...fields, message, name }));
        expect(read).toMatchObject(Object(expected) as object);
      }),
    );
  });
});
