export { type LogRecord } from './log-record';
export {
  ColoredTracingFormatter,
  JsonFormatter,
  type LogFormatter,
  TracingFormatter,
  type TracingFormatterOptions,
} from './log-formatters';
export {
  createLogger,
  type LogDestination,
  type LoggingOptions,
  type LogLevel,
  setupLogging,
} from './logging';
export { runWithCarrier, type TraceCarrier, type TraceHeaders } from './trace-carrier';
export { TraceContext, type TraceMetadata } from './trace-context';
export { cryptoIdGenerator } from './trace-ids';
export { tracedOperation, type TracedOperationOptions, tracedRequest } from './traced-operation';
export type { Logger } from 'pino';
