import type { Logger } from 'pino';
import type { LogConfig } from '../config/config.js';
import { LogOutput } from './log-output.js';
import { createLogger } from './logger.js';
import { createRequestLog } from './request-log/create-request-log.js';
import type { RequestLog } from './request-log/request-log.js';

/** The daemon's log. */
export interface Log {
  readonly logger: Logger;
  /** Where it goes; absent when nothing needs to be known of that. */
  readonly output?: LogOutput;
  /** Absent when requests are not logged. */
  readonly requests?: RequestLog;
}

/** @param fd where it goes: a file descriptor */
export function createLog(config: LogConfig, fd: number): Log & { readonly output: LogOutput } {
  const output = new LogOutput(fd);
  const logger = createLogger(config, output);
  output.onDropped = (lines) => logger.warn({ lines }, 'lines of the log were dropped: its reader is too slow');
  return { logger, output, requests: createRequestLog(config, logger, output) };
}
