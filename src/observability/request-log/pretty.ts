import type { Logger } from 'pino';
import type { RpcLogEntry } from '../../cbor-rpc/rpc-request-log.js';
import { escape } from './escape.js';
import type { HttpLogEntry, RequestLog } from './request-log.js';
import { outcomeOf, rounded, severityOf } from './severity.js';

/** Requests for people: `[HTTP] GET /summary 200, 2 bytes, 0.31 ms, from 127.0.0.1, id 17`. */
export class PrettyRequestLog implements RequestLog {
  constructor(private readonly logger: Logger) {}

  http(entry: HttpLogEntry): void {
    const { method, url, status, bytes, duration, client, id } = entry;
    const text = `${method} ${escape(url)} ${status}, ${rest(bytes, duration, client, id)}`;
    this.logger[severityOf(outcomeOf(entry))]({ context: 'HTTP' }, text);
  }

  rpc({ id, client, method = '-', outcome, error, bytes, duration }: RpcLogEntry): void {
    const text = `${escape(method)} ${error ?? outcome}, ${rest(bytes, duration, client, id ?? '-')}`;
    this.logger[severityOf(outcome)]({ context: 'RPC' }, text);
  }
}

function rest(bytes: number, duration: number, client: string, id: number | string): string {
  return `${bytes} bytes, ${rounded(duration)} ms, from ${client}, id ${escape(String(id))}`;
}
