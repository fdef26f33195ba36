import { isMainThread, threadId } from 'node:worker_threads';
import { type JsonValue, redactJson, redactSecrets } from '@pixelis/core';
import { TraceContext } from './trace-context';

/** One entry of a log, before it is made a line. */
export interface LogRecord {
  /** ISO 8601 in UTC with milliseconds. */
  time: string;
  /** Name of the logger. */
  name: string;
  /** `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`. */
  level: string;
  message: string;
  /** `main`, or `worker-` and the id of the worker thread. */
  thread: string;
  traceId?: string | undefined;
  spanId?: string | undefined;
  parentSpanId?: string | undefined;
  component?: string | undefined;
  /** What was logged beside the message: values that JSON can hold. */
  fields: Readonly<Record<string, unknown>>;
}

const THREAD = isMainThread ? 'main' : `worker-${threadId}`;

/** Makes a record, without secrets, of a line that pino wrote, in the context of the call that logged it. */
export function readRecord(line: string): LogRecord {
  const logged: unknown = JSON.parse(line);
  const { time, name, level, message, fields, ...bindings } = asObject(logged);
  const { traceId, spanId, parentSpanId, component } = TraceContext.current() ?? {};
  return {
    time: String(time),
    name: String(name),
    level: String(level),
    message: typeof message === 'string' ? redactSecrets(message) : '',
    thread: THREAD,
    traceId,
    spanId,
    parentSpanId,
    component,
    fields: withoutSecrets({ ...bindings, ...asObject(fields) }),
  };
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return isParsed(fields) ? asObject(redactJson(fields)) : fields;
}

/** Fields came out of JSON, so that they hold nothing else: to look again would cost more than the redaction. */
function isParsed(fields: Record<string, unknown>): fields is Record<string, JsonValue> {
  return typeof fields === 'object';
}
