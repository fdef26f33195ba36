import { escapeControlCharacters } from './escape-control-characters';
import type { LogRecord } from './log-record';
import { isLoggedError } from './loggable-fields';

/** Makes a line, without its end, of a record. */
export interface LogFormatter {
  format(record: LogRecord): string;
}

/** Options of {@link TracingFormatter} and {@link ColoredTracingFormatter}. */
export interface TracingFormatterOptions {
  /**
   * Whether the line says the trace.
   * @default true
   */
  tracing?: boolean;
}

/**
 * `time - name - LEVEL - [traceId|component] - message key=value`, with `-` for a trace id or component that is not there;
 * without tracing `time - name - LEVEL - message key=value`. A record is one line: control characters are escaped, and a
 * value with blanks, quotes or structure is written as JSON.
 */
export class TracingFormatter implements LogFormatter {
  readonly #hasTrace: boolean;

  constructor({ tracing = true }: TracingFormatterOptions = {}) {
    this.#hasTrace = tracing;
  }

  format(record: LogRecord): string {
    const { time, name, level, traceId = '-', component = '-', message, fields } = record;
    const pairs = Object.entries(fields).map(
      ([key, value]) => `${word(key)}=${fieldText(key, value)}`,
    );
    const text = [message, ...pairs].filter((part) => part !== '').join(' ');
    return [
      escapeControlCharacters(`${time} - ${name}`),
      this.level(escapeControlCharacters(level)),
      ...(this.#hasTrace ? [escapeControlCharacters(`[${traceId}|${component}]`)] : []),
      escapeControlCharacters(text),
    ].join(' - ');
  }

  protected level(level: string): string {
    return level;
  }
}

/** Foreground colours of ECMA-48 (SGR), by level. */
const COLORS: Readonly<Record<string, number>> = {
  TRACE: 90,
  DEBUG: 36,
  INFO: 32,
  WARN: 33,
  ERROR: 31,
  FATAL: 35,
};

/** The lines of {@link TracingFormatter} with the level in colour. */
export class ColoredTracingFormatter extends TracingFormatter {
  protected override level(level: string): string {
    const color = COLORS[level];
    return color === undefined ? level : `\u001b[${color}m${level}\u001b[39m`;
  }
}

/**
 * A JSON object: `time`, `name`, `level`, `message`, `thread`, `trace_id`, `span_id`, `parent_span_id`, `component` (the last
 * four null where absent), then what was logged beside the message; a field of one of those names gets a `_` at its end.
 */
export class JsonFormatter implements LogFormatter {
  format(record: LogRecord): string {
    const { time, name, level, message, thread, fields } = record;
    const own = {
      time,
      name,
      level,
      message,
      thread,
      trace_id: record.traceId ?? null,
      span_id: record.spanId ?? null,
      parent_span_id: record.parentSpanId ?? null,
      component: record.component ?? null,
    };
    const others = Object.entries(fields).map(([key, value]): [string, unknown] => [
      Object.hasOwn(own, key) ? `${key}_` : key,
      value,
    ]);
    const line = JSON.stringify(Object.fromEntries([...Object.entries(own), ...others]));
    return escapeControlCharacters(line);
  }
}

function fieldText(key: string, value: unknown): string {
  if (typeof value === 'string') return word(value);
  if (key === 'err' && isLoggedError(value)) {
    const text = JSON.stringify(`${value.type}: ${value.message}`);
    return value.stack === undefined ? text : `${text} stack=${JSON.stringify(value.stack)}`;
  }
  return jsonText(value);
}

/** As it is where nothing in it could be taken for the end of the value, else as a JSON string. */
function word(text: string): string {
  return /^[^\s"=]+$/u.test(text) ? text : JSON.stringify(text);
}

/** JSON has no text for `undefined` and functions; a record made by hand may hold them. */
function jsonText(value: unknown): string {
  const json: unknown = JSON.stringify(value);
  return typeof json === 'string' ? json : String(value);
}
