import type { Logger } from 'pino';
import type { RpcLogEntry } from '../../cbor-rpc/rpc-request-log.js';
import type { HttpLogEntry, RequestLog } from './request-log.js';
import { outcomeOf, rounded, severityOf } from './severity.js';

/** Requests as fields beside a message: the form `json`. */
export class JsonRequestLog implements RequestLog {
  constructor(private readonly logger: Logger) {}

  http(entry: HttpLogEntry): void {
    const { id, client, method, url, status, bytes, userAgent } = entry;
    const outcome = outcomeOf(entry);
    this.logger[severityOf(outcome)](
      { context: 'HTTP', id, client, method, url, status, outcome, bytes, ms: rounded(entry.duration), userAgent },
      `${method} ${url} ${status}`,
    );
  }

  rpc({ id, client, method, outcome, error, bytes, duration }: RpcLogEntry): void {
    this.logger[severityOf(outcome)](
      { context: 'RPC', id, client, method, outcome, error, bytes, ms: rounded(duration) },
      `${method ?? '-'} ${error ?? outcome}`,
    );
  }
}
