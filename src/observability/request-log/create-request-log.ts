import type { DestinationStream, Logger } from 'pino';
import type { LogConfig } from '../../config/config.js';
import { JsonRequestLog } from './json.js';
import { NcsaRequestLog } from './ncsa.js';
import { PrettyRequestLog } from './pretty.js';
import type { RequestLog } from './request-log.js';
import { StackdriverRequestLog } from './stackdriver.js';

/** @returns undefined when requests are not logged */
export function createRequestLog(
  { requests, format }: LogConfig,
  logger: Logger,
  out: DestinationStream,
): RequestLog | undefined {
  if (!requests) return undefined;
  switch (format) {
    case 'ncsa':
      return new NcsaRequestLog(logger, out);
    case 'stackdriver':
      return new StackdriverRequestLog(logger);
    case 'json':
      return new JsonRequestLog(logger);
    case 'pretty':
      return new PrettyRequestLog(logger);
  }
}
