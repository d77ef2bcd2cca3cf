import { lookup } from 'node:dns/promises';
import type { AddressInfo, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Server as TlsServer } from 'node:tls';
import { Handshakes } from '../access/handshakes.js';
import type { Tls } from '../access/tls.js';
import { type Address, asksWho, type Config } from '../config/config.js';
import { MILLISECOND } from '../domain/time.js';
import { logHttpRequests } from '../observability/request-log/http-requests.js';
import type { RequestLog } from '../observability/request-log/request-log.js';
import { WebRules } from '../rest/access/web-rules.js';
import { HttpLoad } from '../rest/http/load.js';
import { RestAdapter } from '../rest/http/rest-adapter.js';
import { HttpDrain } from './http-drain.js';
import { ListenError } from './start-error.js';

/** How long the head of a request may take to arrive, in milliseconds. */
const HEAD_MS = 60_000;
/** Connections beyond the limit that are let in to hear so, and how long they may take to ask, in milliseconds. */
const SURPLUS = 100;
const SURPLUS_MS = 5_000;
/** How often it is looked how much of unfinished heads there is, in milliseconds: in so long not very much can come. */
const HEADS_CHECK_MS = 200;

/** The HTTP server: Fastify under Nest's adapter, within the limits of the configuration. */
export class HttpServer {
  readonly adapter: RestAdapter;
  private readonly sockets = new Set<Socket>();
  /** To be told when there is no connection left. */
  private whenEmpty: (() => void) | undefined;
  private readonly load: HttpLoad;
  private readonly draining: HttpDrain;
  /** Of connections that are encrypted, those that are not there yet. */
  private handshakes: Handshakes | undefined;

  constructor({ http, limits, web, auth }: Config, requestLog?: RequestLog, tls?: Tls) {
    this.load = new HttpLoad(limits.maxRequests, limits.maxBufferedBytes);
    // A name that the operator has given the daemon to listen on is its own.
    const allowedHosts = http === 'off' ? web.allowedHosts : [...web.allowedHosts, http.host];
    const rules = new WebRules({ ...web, allowedHosts, asksWho: asksWho(auth) });
    this.adapter = new RestAdapter(limits.maxMessageBytes, this.load, rules, tls);
    this.limitConnections(limits.maxConnections);
    this.limitTimes(limits.stallTimeout / MILLISECOND);
    this.draining = new HttpDrain(this.fastify, this.adapter.turns);
    if (requestLog) logHttpRequests(this.fastify, requestLog, this.adapter.proxies);
  }

  /** @throws ListenError */
  async listen(address: Address): Promise<AddressInfo> {
    try {
      // Looked up here, for Fastify would bind localhost twice. Not by Nest's own listen, which logs a failure as well.
      const host = address.host === '' ? wildcardAddress() : (await lookup(address.host)).address;
      await this.fastify.listen({ host, port: address.port });
    } catch (error) {
      throw new ListenError('HTTP', address, error as NodeJS.ErrnoException);
    }
    return this.server.address() as AddressInfo;
  }

  /**
   * Finishes the requests in flight and, once `others` is there too, accepts no more; until then probes are answered, so
   * that whoever sends requests here learns to send them elsewhere. Resolves when all connections are closed.
   */
  async drain(others: Promise<unknown>): Promise<void> {
    await Promise.all([this.draining.begin(this.sockets), others]);
    // Fastify closes the connections that are idle now. One that falls idle later would stay for its keep-alive time,
    // and one that has not sent anything yet counts as busy.
    const sweep = setInterval(() => {
      this.server.closeIdleConnections();
      for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
      this.handshakes?.cutOff();
    }, 20);
    try {
      await this.fastify.close();
    } finally {
      clearInterval(sweep);
    }
    // They are closed now, but it has not been told of all: whoever is told may have something to take back.
    this.adapter.ends.hurry();
    if (this.sockets.size > 0) await new Promise<void>((resolve) => (this.whenEmpty = resolve));
  }

  /** Ends all connections, whatever they are doing. */
  cutOff(): void {
    this.adapter.ends.hurry();
    this.handshakes?.cutOff();
    for (const socket of this.sockets) socket.destroy();
  }

  /** Those beyond the limit only get to hear that, health and metrics apart; very many beyond it not even that. */
  private limitConnections(most: number): void {
    const { server, sockets, load } = this;
    server.maxConnections = most + SURPLUS;
    const heads = setInterval(() => load.heads.check(sockets), HEADS_CHECK_MS).unref();
    server.once('close', () => clearInterval(heads));
    server.on('drop', () => load.refusedConnections++);
    const take = (socket: Socket): void => {
      if (sockets.size >= most) {
        load.surplus.add(socket);
        socket.setTimeout(SURPLUS_MS);
      }
      sockets.add(socket);
      load.openConnections++;
      socket.once('close', () => {
        sockets.delete(socket);
        load.openConnections--;
        if (sockets.size === 0) this.whenEmpty?.();
      });
    };
    if (server instanceof TlsServer) this.handshakes = new Handshakes(server, take);
    else server.on('connection', take);
  }

  /** @param ms how long a request may take to arrive, and nothing of an answer be read, in milliseconds */
  private limitTimes(ms: number): void {
    const { server, load } = this;
    server.headersTimeout = Math.min(ms, HEAD_MS);
    server.requestTimeout = ms;
    server.timeout = ms;
    // Nothing has gone either way for that long. A request that does not arrive is told so, by Node's own limits above.
    server.on('timeout', (socket: Socket) => {
      if (socket.writableLength === 0) return;
      load.cut.slow_reader++;
      socket.destroy();
    });
  }

  private get fastify() {
    return this.adapter.getInstance();
  }

  private get server() {
    return this.fastify.server;
  }
}

/** IPv6 and IPv4 at once where the machine has IPv6. */
function wildcardAddress(): string {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.some((address) => address?.family === 'IPv6') ? '::' : '0.0.0.0';
}
