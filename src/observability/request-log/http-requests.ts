import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform, pipeline, type Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Proxies } from '../../access/proxies.js';
import { shorten } from '../../shorten.js';
import { CLIENT_GONE, type RequestLog } from './request-log.js';

/** Longest URL, header or id that the log shows. */
const SHOWN_CHARS = 2000;
const SHOWN_ID_CHARS = 100;

/**
 * Logs the HTTP requests of a server. It watches the server below the framework, whose hooks do not see requests that
 * the router refuses, nor say when a client goes away; a hook counts the bytes of
 * answers.
 */
export function logHttpRequests(fastify: FastifyInstance, log: RequestLog, proxies: Proxies): void {
  const bodies = new WeakMap<ServerResponse, { readonly bytes: number }>();
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (!isStream(payload)) {
      bodies.set(reply.raw, { bytes: lengthOf(payload) });
      return done(null, payload);
    }
    const counter = new ByteCounter();
    bodies.set(reply.raw, counter);
    // An error in the stream reaches whoever reads the counter: the framework, as it would without it.
    done(
      null,
      pipeline(payload, counter, () => undefined),
    );
  });
  let requests = 0;
  fastify.server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const begun = performance.now();
    const number = ++requests;
    // The framework rewrites the URL, and a socket that is gone has no address.
    const url = shorten(request.url ?? '', SHOWN_CHARS);
    const client = proxies.clientOf(request);
    response.once('close', () => {
      const { method = '', httpVersion, headers } = request;
      const sent = response.writableFinished;
      log.http({
        id: shorten(String(headers['x-request-id'] ?? number), SHOWN_ID_CHARS),
        client,
        method,
        url,
        version: httpVersion,
        status: sent ? response.statusCode : CLIENT_GONE,
        bytes: (sent && method !== 'HEAD' && bodies.get(response)?.bytes) || 0,
        referer: shortened(headers.referer),
        userAgent: shortened(headers['user-agent']),
        duration: performance.now() - begun,
      });
    });
  });
}

class ByteCounter extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}

function isStream(payload: unknown): payload is Readable {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload && typeof payload.pipe === 'function';
}

function lengthOf(payload: unknown): number {
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  return payload instanceof Uint8Array ? payload.length : 0;
}

function shortened(text: string | undefined): string | undefined {
  return text === undefined ? undefined : shorten(text, SHOWN_CHARS);
}
