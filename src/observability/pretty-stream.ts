import type { DestinationStream } from 'pino';

interface Line extends Record<string, unknown> {
  level: string;
  time: string;
  msg?: string;
  context?: string;
  err?: { message?: string; stack?: string };
}

/** Turns pino's JSON lines into `2026-01-31T12:00:00.000Z INFO  [Context] message key=value`, an error's stack below it. */
export function prettyStream(out: DestinationStream): DestinationStream {
  return { write: (json) => out.write(pretty(JSON.parse(json) as Line)) };
}

function pretty({ level, time, msg = '', context, err, ...rest }: Line): string {
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  const origin = context === undefined ? '' : `[${context}] `;
  const stack = err?.stack === undefined ? '' : `${err.stack}\n`;
  return `${time} ${level.toUpperCase().padEnd(5)} ${origin}${msg}${fields.join('')}\n${stack}`;
}
