import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { RestError } from '../errors/rest-error.js';
import { UnfinishedHeads } from './unfinished-heads.js';
import { UnreadAnswers } from './unread.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request counts for, until its answer is sent. */
    counted: { atWork: boolean; bodyBytes: number } | undefined;
  }
  interface FastifyInstance {
    load: HttpLoad;
  }
}

/** One answer to many questions may take this part of the room for all. */
const ANSWER_PART = 1 / 4;
/** An answer of fewer chars than this is not counted among those that nobody has read. */
const UNCOUNTED = 16 * 1024;

/** Always answered: how the daemon is, is of most interest when it has too much to do. */
export const PROBES: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics']);

/** Plain counters of the HTTP interface's limits, for metrics to read. */
export class HttpLoad {
  openConnections = 0;
  /** Connections closed because too many were open. */
  refusedConnections = 0;
  /** Connections cut off: a request that did not arrive in time, an answer that was not read. */
  readonly cut = { stalled: 0, slow_reader: 0 };
  /** Requests answered 503 or 429 at once, by what there was too much of. */
  readonly shed = { requests: 0, connections: 0, pipelined: 0, no_room: 0, unread: 0 };
  /** Large answers that clients have not read. */
  readonly unread: UnreadAnswers;
  readonly heads: UnfinishedHeads;
  /** Requests that are worked on: their bodies are there, their answers are not. */
  atWork = 0;
  /** Answers that go on for as long as their clients listen. */
  liveAnswers = 0;
  /** Bytes of bodies that are there or on the way, and of requests that wait for the one before on their connection. */
  bodyBytes = 0;
  /** Connections beyond their number, which only get to hear that. */
  readonly surplus = new WeakSet<Socket>();

  constructor(
    private readonly maxAtWork: number,
    private readonly maxBodyBytes: number,
    private readonly maxUnreadBytes = maxBodyBytes,
  ) {
    this.unread = new UnreadAnswers(maxUnreadBytes);
    this.heads = new UnfinishedHeads(maxBodyBytes);
  }

  /**
   * Sheds what is too much: by the number of requests at work, since that is what memory and waiting time grow with. A
   * daemon that is merely slow for a moment sheds nothing.
   */
  watch(fastify: FastifyInstance): void {
    fastify.decorateRequest('counted', undefined);
    fastify.decorate('load', this as HttpLoad);
    fastify.addHook('onRequest', (request, _reply, done) => {
      done(this.refusal(request));
    });
    fastify.addHook('preHandler', (request, _reply, done) => {
      if (this.atWork >= this.maxAtWork && !isProbe(request)) return done(this.overloaded());
      if (request.counted !== undefined) {
        request.counted.atWork = true;
        this.atWork++;
      }
      done();
    });
    fastify.addHook('onSend', (request, reply: FastifyReply, payload, done) => {
      this.release(request);
      // Answers that are made in pieces have been counted, with what they are made of.
      if (typeof payload === 'string' && payload.length > UNCOUNTED) this.unread.add(reply.raw, payload.length, true);
      done();
    });
  }

  /** Bytes of a body have come. @returns why they are too much */
  addBody(request: FastifyRequest, bytes: number): RestError | undefined {
    if (request.counted === undefined) return undefined;
    request.counted.bodyBytes += bytes;
    this.bodyBytes += bytes;
    if (this.bodyBytes <= this.maxBodyBytes) return undefined;
    this.shed.no_room++;
    return tooMuch('there is no room for this body now, try again later', true);
  }

  /**
   * Counts a large answer that is about to be made, until it has been read.
   * @returns why it cannot be had now; never for one that tells of something done
   */
  addAnswer(request: FastifyRequest, answer: ServerResponse, bytes: number): RestError | undefined {
    if (this.unread.add(answer, bytes, request.method !== 'GET')) return undefined;
    this.shed.unread++;
    return tooMuch('there is no room for this answer now, others are being read: try again later');
  }

  /** How many bytes one answer to many questions may have. */
  get mostAnswerBytes(): number {
    return this.maxUnreadBytes * ANSWER_PART;
  }

  /** Counts bytes of a request that waits for its turn. @returns whether there is room for them */
  keep(bytes: number): boolean {
    if (this.bodyBytes + bytes > this.maxBodyBytes) return false;
    this.bodyBytes += bytes;
    return true;
  }

  letGo(bytes: number): void {
    this.bodyBytes -= bytes;
  }

  private refusal(request: FastifyRequest): RestError | undefined {
    if (!isProbe(request)) {
      if (this.surplus.has(request.raw.socket)) {
        this.shed.connections++;
        return tooMuch('too many connections, try again later', true);
      }
      if (this.atWork >= this.maxAtWork) return this.overloaded();
    }
    request.counted = { atWork: false, bodyBytes: 0 };
    return undefined;
  }

  private overloaded(): RestError {
    this.shed.requests++;
    return tooMuch('too many requests are being worked on, try again later');
  }

  /** An answer goes on for as long as its client listens. @returns what cuts it off because it is not read */
  live(answer: ServerResponse): () => void {
    this.liveAnswers++;
    answer.once('close', () => this.liveAnswers--);
    return () => {
      this.cut.slow_reader++;
      answer.destroy();
    };
  }

  /** A request waits for something that may never come: it is no work. */
  waits({ counted }: FastifyRequest): void {
    if (counted?.atWork !== true) return;
    counted.atWork = false;
    this.atWork--;
  }

  private release(request: FastifyRequest): void {
    const { counted } = request;
    if (counted === undefined) return;
    request.counted = undefined;
    if (counted.atWork) this.atWork--;
    this.bodyBytes -= counted.bodyBytes;
  }
}

function isProbe(request: FastifyRequest): boolean {
  return PROBES.has(request.routeOptions.url);
}

function tooMuch(message: string, close = false): RestError {
  return new RestError(503, message, undefined, { 'retry-after': '1', ...(close ? { connection: 'close' } : {}) });
}
