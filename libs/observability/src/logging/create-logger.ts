import {
  type DestinationStream,
  destination,
  type Logger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';
import { PinoPretty } from 'pino-pretty';
import { type Log } from './log.js';
import { PinoLog, routineBudget } from './pino-log.js';
import { censored } from './redaction.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LoggerOptions {
  /** The name of the app, which is on every line. */
  readonly app: string;
  readonly level: LogLevel;
  /** `auto` is `pretty` (readable text) on a terminal, and `json` (an object a line) anywhere else. */
  readonly format: LogFormat;
  /** The most lines of `Log.routine` in a second; further ones are counted. */
  readonly routineLinesPerSecondMax: number;
  /** Where lines go; `stderr` for commands whose standard output is read by scripts. */
  readonly to?: 'stdout' | 'stderr';
}

/**
 * Creates the log of a process. JSON lines are written asynchronously, several at once under load. Lines that are
 * still in memory are written at `process.exit`.
 */
export function createLogger({
  app,
  level,
  format,
  routineLinesPerSecondMax,
  to = 'stdout',
}: LoggerOptions): Log {
  const fd = process[to].fd;
  const readable = format === 'pretty' || (format === 'auto' && process[to].isTTY);
  const logger = loggerOn(readable ? readableStream(fd) : jsonStream(fd), app, level);
  return new PinoLog(logger, routineBudget(logger, routineLinesPerSecondMax));
}

/** Creates a logger that writes to the given stream. */
export function loggerOn(stream: DestinationStream, app: string, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { app },
      serializers: { err: (error: Error) => censored(stdSerializers.err(error)) },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
}

function jsonStream(fd: number): DestinationStream {
  return destination({ dest: fd, sync: false });
}

function readableStream(fd: number): DestinationStream {
  return PinoPretty({
    destination: fd,
    sync: true,
    ignore: 'app',
    translateTime: 'SYS:HH:MM:ss.l',
  });
}
