import { pino, stdTimeFunctions, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { LogConfig } from '../config/config.js';
import { prettyStream } from './pretty-stream.js';

/** Names of pino's levels as Google Cloud's logging calls them. */
const SEVERITIES: Readonly<Record<string, string>> = {
  fatal: 'CRITICAL',
  error: 'ERROR',
  warn: 'WARNING',
  info: 'INFO',
  debug: 'DEBUG',
  trace: 'DEBUG',
};

/**
 * The daemon's log, on stderr unless told otherwise. Forms: `json` one object per line; `stackdriver` the same with the
 * keys that Google Cloud looks for; `pretty` and, requests apart, `ncsa` for people.
 */
export function createLogger({ format, level }: Pick<LogConfig, 'format' | 'level'>, out: DestinationStream): Logger {
  const options: LoggerOptions = { level, base: undefined, timestamp: stdTimeFunctions.isoTime };
  switch (format) {
    case 'json':
      return pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, out);
    case 'stackdriver':
      return pino(
        { ...options, messageKey: 'message', formatters: { level: (label) => ({ severity: SEVERITIES[label] }) } },
        out,
      );
    default:
      return pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, prettyStream(out));
  }
}
