import { Logger } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { Readable } from 'node:stream';
import { SharedTurn } from '../../timing/shared-turn.js';
import { Slices } from '../../timing/slices.js';
import type { Proxies } from '../../access/proxies.js';
import type { Tls } from '../../access/tls.js';
import { RevocableAnswer } from '../../domain/promised.js';
import { requireNeeds } from '../access/needs.js';
import { isFromBrowser, WebRules } from '../access/web-rules.js';
import { identity, sendError } from '../errors/exception.filter.js';
import { RestError, shorten } from '../errors/rest-error.js';
import { MAX_PATH_PART } from '../names.js';
import { AnswerQueue } from './answer-queue.js';
import { Created, JsonStream, LiveAnswer, NoContent, Page } from './answers.js';
import { AllowedMethods } from './allowed-methods.js';
import { collectBody } from './body-collector.js';
import { refusalOf, refuseConnection } from './client-error.js';
import { ConnectionEnds } from './connection-ends.js';
import { HttpLoad } from './load.js';
import type { MediaType } from './negotiation.js';
import { checkContentType, negotiate } from './negotiation.js';
import { queryOf } from './path.js';
import { parseQuery, type Query } from './query.js';
import { prepareBody } from '../schema/body.js';
import { canonicalUrl, pathFault } from './request-path.js';
import { SAFE_HEADERS } from './safe-headers.js';
import { SocketReaders } from './socket-reader.js';
import { Turns } from './turns.js';
import type { UnreadAnswers } from './unread.js';
import { withoutWaiting } from './without-waiting.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The schema of the body that a route reads. */
    body?: string;
    /** What a route answers that is not JSON, whatever its client accepts. */
    answers?: string;
  }
  interface FastifyRequest {
    /** What the answer is called. */
    answerType: MediaType;
    /** What links begin with for who sent the request: that of a proxy before the daemon, or nothing. */
    basePath: string;
  }
}

/** Request heads (a query may name many units), in bytes. */
const MAX_HEAD_BYTES = 1024 * 1024;
/** What is asked by a longer body may take a good part of a millisecond. */
const LONG_BODY_BYTES = 2 * 1024;
/** What an answer that is made while it is read holds in chunks on their way, in bytes. */
const STREAM_BYTES = 128 * 1024;
/** How often it is looked whether requests have arrived in time. */
const TIME_CHECK_MS = 1_000;
const SERVER: ServerOptions = {
  maxHeaderSize: MAX_HEAD_BYTES,
  requireHostHeader: false,
  connectionsCheckingInterval: TIME_CHECK_MS,
  // Whoever takes too long is found by the limits that are set once the configuration is known.
  requestTimeout: 0,
};

/** Fastify, speaking HTTP as REST has it: negotiation, bodies, methods and errors. What it answers is text, or nothing. */
export class RestAdapter extends FastifyAdapter {
  readonly load: HttpLoad;
  readonly turns: Turns;
  readonly ends: ConnectionEnds;
  readonly web: WebRules;
  readonly proxies: Proxies;
  private readonly answers = new AnswerQueue();
  private readonly restLogger: Logger;

  /** @param maxBodyBytes - the largest body @param tls - absent: nothing is encrypted */
  constructor(maxBodyBytes: number, load = new HttpLoad(Infinity, Infinity), web = new WebRules(), tls?: Tls) {
    const logger = new Logger('REST');
    const allowed = new AllowedMethods();
    const { proxies } = web;
    const pathOf = (url: string): string => canonicalUrl(proxies.pathIn(url));
    const noRouteFor = (method: string, url: string): RestError => noRoute({ method, url: pathOf(url) }, allowed);
    // The time that all share who have much to be read, and those with long bodies, whose last bytes come long after their turn began.
    const turn = new SharedTurn();
    let turns: Turns | undefined;
    let ends: ConnectionEnds | undefined;
    super({
      serverFactory: (carryOut: RequestListener, { keepAliveTimeout }: ServerOptions) => {
        turns = new Turns(load, carryOut);
        const options = { ...SERVER, keepAliveTimeout };
        const server = makeServer(options, turns.take, tls);
        // Before the readers, behind which the end of what is sent waits.
        ends = new ConnectionEnds(server, turns.requestsOf);
        new SocketReaders(server, turn, load);
        return server;
      },
      bodyLimit: maxBodyBytes,
      // What arrives on an open connection while the others are drained is answered like any other request.
      return503OnClosing: false,
      // No route has middleware.
      skipMiddie: true,
      rewriteUrl: ({ url = '/' }) => pathOf(url),
      routerOptions: {
        maxParamLength: MAX_PATH_PART,
        ignoreTrailingSlash: true,
        querystringParser: parseQuery as unknown as (query: string) => Record<string, unknown>,
      },
      frameworkErrors: (error: FastifyError, { url }: FastifyRequest, reply: FastifyReply) => {
        sendError(pathFault(error, url), reply, logger);
      },
      clientErrorHandler: (error, socket) => {
        if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') load.cut.stalled++;
        if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
        else refuseConnection(socket, refusalOf(error, noRouteFor));
      },
    });
    this.restLogger = logger;
    this.load = load;
    this.web = web;
    this.proxies = proxies;
    this.turns = turns!;
    this.ends = ends!;
    const fastify = this.getInstance();
    fastify.decorateRequest('answerType', 'application/json');
    fastify.decorateRequest('basePath', '');
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', (request, payload, done) => {
      collectBody(payload, maxBodyBytes, (bytes) => load.addBody(request, bytes), done);
    });
    requireNeeds(fastify);
    allowed.watch(fastify);
    fastify.server.on('connect', ({ method = '', url = '' }, socket) =>
      refuseConnection(socket, noRouteFor(method, url)),
    );
    // Whatever else than 100-continue is expected is no reason to refuse a request, least of all without a body.
    fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));
    fastify.addHook('onRoute', (route) => {
      route.handler = withoutWaiting(route.handler, (error, reply) => sendError(error, reply, logger));
    });
    fastify.addHook('onRequest', (request, reply, done) => {
      reply.headers(SAFE_HEADERS);
      if (web.share(request, reply)) return void reply.code(204).send();
      try {
        request.basePath = proxies.basePathOf(request.raw);
        web.admit(request);
        admit(request, allowed);
      } catch (error) {
        done(error as Error);
        return;
      }
      done();
    });
    load.watch(fastify);
    fastify.addHook('preHandler', (request, _reply, done) => {
      if (isLong(request) && turn.isOver) turn.hold(() => read(request, done));
      else read(request, done);
    });
  }

  /** Bodies are read by this adapter's own parser. */
  override registerParserMiddleware(): void {}

  override reply(response: Parameters<FastifyAdapter['reply']>[0], body: unknown, statusCode?: number): FastifyReply {
    if (!('request' in response)) return super.reply(response, body, statusCode);
    if (statusCode !== undefined) response.code(statusCode);
    if (body === undefined) return this.send(response);
    if (body instanceof Created) {
      response.headers(body.headers).header('location', body.location);
      return this.sendJson(response, body.json);
    }
    if (body instanceof Page) return this.sendPage(response, body);
    if (body instanceof NoContent) return this.send(response.headers(body.headers));
    if (body instanceof JsonStream) return this.sendStream(response, body);
    if (body instanceof LiveAnswer) return this.sendLive(response, body);
    if (typeof body === 'string') return this.sendJson(response, body);
    if (body instanceof RevocableAnswer) {
      this.turns.promised.add(response.raw, body);
      return this.reply(response, body.answer);
    }
    return super.reply(response, body);
  }

  private sendJson(response: FastifyReply, json: string | Readable): FastifyReply {
    response.header('content-type', response.request.answerType).serializer(identity);
    return this.send(response, json);
  }

  /** Nothing is made for a HEAD, nor where there is no room for what is held meanwhile. */
  private sendStream(response: FastifyReply, { chunks, heldBytes }: JsonStream): FastifyReply {
    const { raw, request } = response;
    if (request.method === 'HEAD') {
      response.header('content-type', request.answerType);
      return this.send(response);
    }
    const refusal = this.load.addAnswer(request, raw, heldBytes + STREAM_BYTES);
    if (refusal === undefined) return this.sendJson(response, Readable.from(paced(chunks, raw, this.load.unread)));
    this.answers.add(() => sendError(refusal, response, this.restLogger));
    return response;
  }

  /** What it says goes past the framework, so that very many can say the same for as good as nothing. */
  private sendLive(response: FastifyReply, { type, begin }: LiveAnswer): FastifyReply {
    const { raw, request } = response;
    response.header('content-type', type).header('cache-control', 'no-store').header('x-accel-buffering', 'no');
    if (request.method === 'HEAD') return this.send(response);
    this.load.waits(request);
    response.hijack();
    // Its body ends with the connection, not in a last chunk: what it says is one piece for the system, in place of three.
    raw.useChunkedEncodingByDefault = false;
    raw.writeHead(200, response.getHeaders() as OutgoingHttpHeaders);
    raw.flushHeaders();
    begin(raw, this.load.live(raw));
    return response;
  }

  private sendPage(response: FastifyReply, { status, headers, html }: Page): FastifyReply {
    response.code(status).headers(headers).header('content-type', 'text/html; charset=utf-8').serializer(identity);
    return this.send(response, html);
  }

  private send(response: FastifyReply, body?: string | Readable): FastifyReply {
    this.answers.add(() => void response.send(body));
    return response;
  }
}

function makeServer(options: ServerOptions, listener: RequestListener, tls: Tls | undefined): Server {
  if (tls === undefined) return createServer(options, listener);
  const server = createSecureServer({ ...options, ...tls.options }, listener);
  tls.keep(server);
  return server;
}

function isLong({ body }: FastifyRequest): boolean {
  return body instanceof Buffer && body.length > LONG_BODY_BYTES;
}

/** Reads what a request says, in place where it is small. */
function read(request: FastifyRequest, done: (error?: Error) => void): void {
  const query = queryOf(request);
  const preparing = prepareBody(request.routeOptions.config.body, request.body);
  if (!preparing && !query.isLarge) return done();
  prepare(request, query, preparing).then(() => done(), done);
}

/** Reads what is large of a request, in slices of time. @throws RestError (400) */
async function prepare(request: FastifyRequest, query: Query, body: Promise<unknown> | undefined): Promise<void> {
  if (body) request.body = await body;
  if (query.isLarge) await query.prepare();
}

/** The chunks that have something in them, each when the one before has been taken; others have their turn in between. */
async function* paced(
  chunks: JsonStream['chunks'],
  answer: ServerResponse,
  unread: UnreadAnswers,
): AsyncGenerator<string> {
  const slices = new Slices();
  // Hundreds may begin in one turn, each of which would make a chunk in it.
  if (slices.isOver(Infinity)) await slices.next();
  for await (const chunk of chunks) {
    if (chunk !== '') {
      yield chunk;
      unread.taken(answer);
    }
    if (slices.isOver(Infinity)) await slices.next();
  }
}

/** What is decided from the head alone. @throws RestError */
function admit(request: FastifyRequest, allowed: AllowedMethods): void {
  const { headers, method, url } = request.raw;
  const isJson = request.routeOptions.config.answers === undefined;
  if (isJson && takesPart(url ?? '/')) request.answerType = negotiate(headers.accept);
  if (request.is404) throw noRoute(request, allowed);
  if (method === 'DELETE') {
    // A body is ignored whatever it is.
    if (headers['content-type'] !== undefined) headers['content-type'] = 'application/json';
  } else if (method === 'POST' || method === 'PUT') {
    checkContentType(headers['content-type'], isFromBrowser(request) && hasBody(headers));
    // The framework remembers types by their text, of which parameters make any number.
    if (headers['content-type'] !== undefined) headers['content-type'] = 'application/json';
  }
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The documents about the service (OpenAPI, metrics, health) are what they are, whatever a client accepts. */
function takesPart(url: string): boolean {
  return url.startsWith('/namespace') || url.startsWith('/summary') || url === '/' || url.startsWith('/?');
}

function noRoute({ method, url }: Pick<FastifyRequest, 'method' | 'url'>, allowed: AllowedMethods): RestError {
  const methods = allowed.of(url);
  if (methods.length === 0) return new RestError(404, `there is nothing at ${shorten(url.split('?', 1)[0])}`);
  const allow = methods.join(', ');
  return new RestError(405, `${method} is not allowed here, only ${allow}`, undefined, { allow });
}
