import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorJson } from '../errors/error-body.js';
import { RestError } from '../errors/rest-error.js';
import { SAFE_HEADERS } from './safe-headers.js';

/** What Node calls the ways in which a request may fail before it is one. */
const FAULTS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the request head is larger than 1 MiB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not arrive in time'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the chunk extensions are too large'],
};

const MALFORMED = [400, 'the request is not HTTP'] as const;

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/1\.[01]\r?\n/;

/** An error of Node's parser. */
export interface ClientError extends Error {
  code?: string;
  /** What came last, and where in it the error is. */
  rawPacket?: unknown;
  bytesParsed?: number;
}

/**
 * What to answer to bytes that are no request for Node.
 * @param noRoute - the refusal of a method that a path does not have: Node takes every one that it does not know for no HTTP
 */
export function refusalOf(error: ClientError, noRoute: (method: string, url: string) => RestError): RestError {
  const { code = '', rawPacket, bytesParsed = 0 } = error;
  if (code === 'HPE_INVALID_METHOD' && Buffer.isBuffer(rawPacket)) {
    const text = rawPacket.latin1Slice();
    const [, method, url] = REQUEST_LINE.exec(text.slice(text.lastIndexOf('\n', bytesParsed - 1) + 1)) ?? [];
    if (method !== undefined && url !== undefined) return noRoute(method, url);
  }
  return new RestError(...(FAULTS[code] ?? MALFORMED));
}

/** Writes an answer past the server, and closes the connection. */
export function refuseConnection(socket: Duplex, { status, message, headers = {} }: RestError): void {
  const body = errorJson({ error: 'error', message });
  const lines = Object.entries({
    ...headers,
    ...SAFE_HEADERS,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
  socket.end(head + body, () => socket.destroy());
}
