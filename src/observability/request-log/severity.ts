import type { RpcLogEntry } from '../../cbor-rpc/rpc-request-log.js';
import type { HttpLogEntry } from './request-log.js';

export type Severity = 'info' | 'warn' | 'error';
export type Outcome = RpcLogEntry['outcome'];

const SEVERITIES: Readonly<Record<Outcome, Severity>> = {
  ok: 'info',
  error: 'warn',
  unavailable: 'warn',
  failed: 'error',
};

/** What the client asks wrongly is a warning, and what can't be had now too; what the daemon fails at is an error. */
export function severityOf(outcome: Outcome): Severity {
  return SEVERITIES[outcome];
}

export function outcomeOf({ status }: HttpLogEntry): Outcome {
  if (status === 503) return 'unavailable';
  return status < 400 ? 'ok' : status < 500 ? 'error' : 'failed';
}

/** Milliseconds with microseconds, and no more digits. */
export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
