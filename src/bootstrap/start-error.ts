import type { AddressInfo } from 'node:net';
import type { Address } from '../config/config.js';
import { ValueError } from '../config/errors.js';
import type { LoadedConfig } from '../config/load.js';

/** A server could not listen where it was told to. */
export class ListenError extends Error {
  constructor(service: string, { host, port }: Address, cause: NodeJS.ErrnoException) {
    const reason = (cause.code !== undefined && REASONS[cause.code]) || cause.message;
    super(`${service} cannot listen on ${formatAddress(host, port)}: ${reason}`, { cause });
    this.name = 'ListenError';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission denied',
  ENOTFOUND: 'no such host',
};

export function formatAddressInfo({ address, port }: AddressInfo): string {
  return formatAddress(address, port);
}

/** `HOST:PORT`, an IPv6 address in brackets. */
function formatAddress(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What kept the daemon from starting, in one line. */
export function describeStartError(error: unknown): string {
  // Node reports a connection that failed at several addresses as an AggregateError without a message.
  if (error instanceof AggregateError && error.message === '') return describeStartError(error.errors[0]);
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replace(/\s*\n\s*/g, ' ');
}

/** Says on stderr what kept the daemon or a command from its work. @returns the status to exit with */
export function reportStartError(error: unknown, { settings }: LoadedConfig): 1 | 2 {
  const line = describeStartError(error);
  // Only the storage looks closer at a value than the flag's own parser: at the parameters of a URL.
  const backend = error instanceof ValueError ? settings.find(({ name }) => name === 'backend') : undefined;
  process.stderr.write(backend ? `coordinated: ${backend.source}: ${line}\n` : `coordinated: ${line}\n`);
  return backend?.exitCode ?? 1;
}
