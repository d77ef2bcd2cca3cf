import type { DestinationStream, Logger } from 'pino';
import type { RpcLogEntry } from '../../cbor-rpc/rpc-request-log.js';
import type { HttpLogEntry, RequestLog } from './request-log.js';
import { escape } from './escape.js';
import { outcomeOf, severityOf, type Outcome } from './severity.js';

/**
 * Requests as web servers log them, in Apache's combined format with the id and the duration in microseconds behind it:
 * `LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %L %D"`. A CBOR-RPC request has the status
 * that HTTP would have for its outcome.
 */
export class NcsaRequestLog implements RequestLog {
  constructor(
    private readonly logger: Logger,
    private readonly out: DestinationStream,
  ) {}

  http(entry: HttpLogEntry): void {
    const { id, client, method, url, version, status, bytes, referer, userAgent, duration } = entry;
    this.write(outcomeOf(entry), duration, client, `${method} ${url} HTTP/${version}`, status, bytes, [
      quote(referer),
      quote(userAgent),
      word(id),
    ]);
  }

  rpc({ id, client, method, outcome, bytes, duration }: RpcLogEntry): void {
    this.write(outcome, duration, client, `RPC ${word(method ?? '-')} CBOR-RPC`, STATUSES[outcome], bytes, [
      '"-"',
      '"-"',
      word(String(id ?? '-')),
    ]);
  }

  private write(
    outcome: Outcome,
    duration: number,
    client: string,
    request: string,
    status: number,
    bytes: number,
    rest: readonly string[],
  ): void {
    if (!this.logger.isLevelEnabled(severityOf(outcome))) return;
    const begun = ncsaTime(new Date(Date.now() - duration));
    const micros = Math.round(duration * 1000);
    this.out.write(
      `${client} - - [${begun}] ${quote(request)} ${status} ${bytes === 0 ? '-' : bytes} ${rest.join(' ')} ${micros}\n`,
    );
  }
}

const STATUSES: Readonly<Record<Outcome, number>> = { ok: 200, error: 400, unavailable: 503, failed: 500 };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `10/Oct/2000:13:55:36 +0000`; always in UTC. */
function ncsaTime(time: Date): string {
  const iso = time.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[time.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** Escaped as Apache does since 2.0.46: nothing that a client sends can end the field or the line. */
function quote(text: string | undefined): string {
  return text === undefined || text === '' ? '"-"' : `"${escape(text)}"`;
}

/** The same for a field without quotation marks. */
function word(text: string): string {
  return escape(text).replaceAll(' ', '\\x20') || '-';
}
