import type { Name } from '../names.js';
import { nameKey } from '../names.js';

/** Where lines go, such as pino's. */
export interface Logger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

const nothing = (): void => undefined;

/** Writes nothing. */
export const NO_LOG: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A logger whose lines say of which unit they are. */
export function loggerOf(log: Logger, spec: string, unit: Name): Logger {
  if (log === NO_LOG) return log;
  const about = { spec, unit: nameKey(unit) };
  return {
    debug: (fields, message) => log.debug({ ...about, ...fields }, message),
    info: (fields, message) => log.info({ ...about, ...fields }, message),
    warn: (fields, message) => log.warn({ ...about, ...fields }, message),
    error: (fields, message) => log.error({ ...about, ...fields }, message),
  };
}
