import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Where the framework tells what it wires up: of interest to those who debug it. */
const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'NestMicroservice',
]);

/** Where the framework tells why an app cannot start, before it throws that: whoever starts the app says it, in a line. */
const START_FAILURES = 'ExceptionHandler';

/**
 * Passes on to pino what is written through Nest's `Logger`: `new Logger('Context').warn(message)`. What comes along with
 * the message, as in `log({ message: 'text', more: 1 })`, becomes fields of the line.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const context = contextOf(rest);
    this.write(context !== undefined && FRAMEWORK.has(context) ? 'debug' : 'info', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write(contextOf(rest) === START_FAILURES ? 'debug' : 'error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Nest hands over the context as the last argument, and the stack of an error before it. */
  private write(
    level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace',
    message: unknown,
    rest: unknown[],
  ): void {
    const fields: Record<string, unknown> = { context: contextOf(rest) };
    if (isRecord(message)) {
      const { message: text, ...more } = message;
      this.logger[level]({ ...fields, ...more }, text);
      return;
    }
    if (message instanceof Error) {
      this.logger[level]({ ...fields, err: message }, message.message);
      return;
    }
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
    if (stack !== undefined) fields.err = { message, stack };
    this.logger[level](fields, typeof message === 'string' ? message : JSON.stringify(message));
  }
}

function isRecord(message: unknown): message is { readonly message: string } & Record<string, unknown> {
  return (
    typeof message === 'object' &&
    message !== null &&
    !(message instanceof Error) &&
    typeof (message as { message?: unknown }).message === 'string'
  );
}

function contextOf(rest: readonly unknown[]): string | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' ? last : undefined;
}
