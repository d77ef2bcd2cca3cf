import type { Logger } from 'pino';
import type { RpcLogEntry } from '../../cbor-rpc/rpc-request-log.js';
import type { HttpLogEntry, RequestLog } from './request-log.js';
import { outcomeOf, severityOf } from './severity.js';

/** Requests as Google Cloud's logging shows them: `httpRequest` has its own place there, `rpc` is a field like others. */
export class StackdriverRequestLog implements RequestLog {
  constructor(private readonly logger: Logger) {}

  http(entry: HttpLogEntry): void {
    const { id, client, method, url, version, status, bytes, userAgent, referer, duration } = entry;
    const outcome = outcomeOf(entry);
    const httpRequest = {
      requestMethod: method,
      requestUrl: url,
      status,
      // An int64, which JSON has as text.
      responseSize: String(bytes),
      userAgent,
      remoteIp: client,
      referer,
      latency: latencyOf(duration),
      protocol: `HTTP/${version}`,
    };
    this.logger[severityOf(outcome)]({ httpRequest, requestId: id, outcome }, `${method} ${url} ${status}`);
  }

  rpc({ id, client, method, outcome, error, bytes, duration }: RpcLogEntry): void {
    const rpc = { method, error, responseSize: String(bytes), remoteIp: client, latency: latencyOf(duration) };
    this.logger[severityOf(outcome)]({ rpc, requestId: id, outcome }, `${method ?? '-'} ${error ?? outcome}`);
  }
}

/** Google's Duration in JSON. */
function latencyOf(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(6)}s`;
}
