import { isatty } from 'node:tty';
import { levels, pino, type Logger, type LevelWithSilent } from 'pino';
import {
  ColoredTracingFormatter,
  JsonFormatter,
  TracingFormatter,
  type LogFormatter,
} from './log-formatters';
import { readRecord } from './log-record';
import { loggableFields } from './loggable-fields';

/** From the most talkative to none. */
export type LogLevel = LevelWithSilent;

/** Where lines go: any stream, or an object with a `write`. */
export interface LogDestination {
  /** Takes one line with its end. */
  write(line: string): unknown;
  /** Whether it is a terminal, which `colors: 'auto'` asks. */
  isTTY?: boolean;
}

/** Options of {@link setupLogging}. */
export interface LoggingOptions {
  /**
   * Whether pretty lines say trace id and component; JSON lines always do.
   * @default false
   */
  tracing?: boolean;
  /**
   * Whether pretty lines have the level in colour; `auto`: where the destination is a terminal, unless the environment sets
   * `NO_COLOR` (https://no-color.org) or `TERM=dumb`.
   * @default 'auto'
   */
  colors?: boolean | 'auto';
  /**
   * The least severe level that is written. At `debug` and `trace` errors come with their stack.
   * @default 'info'
   */
  level?: LogLevel;
  /** @default 'pretty' */
  format?: 'pretty' | 'json';
  /** @default standard error, written synchronously, so that no line is lost when the process exits */
  destination?: LogDestination;
}

interface LogSettings {
  level: LogLevel;
  formatter: LogFormatter;
  destination: LogDestination;
}

const loggers = new Map<string, Logger>();
let current: LogSettings | undefined;

/**
 * Says how all loggers of this thread write, those made before included; a worker thread calls it for itself. A second
 * call replaces the first. Without a call the defaults hold.
 *
 * @throws {RangeError} If `level` or `format` is none of theirs.
 */
export function setupLogging(options: LoggingOptions = {}): void {
  current = settingsOf(options);
  for (const logger of loggers.values()) logger.level = current.level;
}

/**
 * A pino logger whose lines are as {@link setupLogging} says: `log.info({ loss: 0.5 }, 'step')` gives
 * `time - name - INFO - step loss=0.5`. The same name gives the same logger; its children follow it.
 *
 * @param name what the lines call it, such as the module's name
 */
export function createLogger(name: string): Logger {
  const known = loggers.get(name);
  if (known !== undefined) return known;
  const options = {
    name,
    base: {},
    level: settings().level,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label.toUpperCase() }),
      log: (fields: object) => ({ fields: loggableFields(fields, { withStacks: hasStacks() }) }),
    },
  };
  const logger = pino(options, { write: writeLine });
  loggers.set(name, logger);
  return logger;
}

function writeLine(line: string): void {
  const { formatter, destination } = settings();
  destination.write(`${formatter.format(readRecord(line))}\n`);
}

function hasStacks(): boolean {
  const { level } = settings();
  return level === 'debug' || level === 'trace';
}

function settings(): LogSettings {
  current ??= settingsOf({});
  return current;
}

function settingsOf(options: LoggingOptions): LogSettings {
  const { tracing = false, colors = 'auto', level = 'info', format = 'pretty' } = options;
  mustBeOneOf('level', level, [...Object.keys(levels.values), 'silent']);
  mustBeOneOf('format', format, ['pretty', 'json']);
  const isTerminal = options.destination ? options.destination.isTTY === true : isatty(2);
  const hasColors = colors === 'auto' ? isTerminal && terminalHasColors() : colors;
  const Pretty = hasColors ? ColoredTracingFormatter : TracingFormatter;
  return {
    level,
    formatter: format === 'json' ? new JsonFormatter() : new Pretty({ tracing }),
    destination: options.destination ?? pino.destination({ dest: 2, sync: true }),
  };
}

function terminalHasColors(): boolean {
  return (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}

function mustBeOneOf(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new RangeError(
    `Cannot set up logging: ${option} must be one of ${known.join(', ')}: current value is "${value}"`,
  );
}
