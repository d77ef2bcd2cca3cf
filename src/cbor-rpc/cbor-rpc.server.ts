import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { Audit } from '../access/audit.js';
import { Callers } from '../access/callers.js';
import { Handshakes } from '../access/handshakes.js';
import { isPast } from '../access/identity.js';
import { Networks } from '../access/networks.js';
import { StorageUnavailableError } from '../domain/errors.js';
import { MILLISECOND } from '../domain/time.js';
import { AcceptGate } from './accept-gate.js';
import { CBOR_RPC_OPTIONS, type CborRpcOptions } from './cbor-rpc.options.js';
import { RpcConnection } from './connection.js';
import type { ConnectionContext } from './connection-context.js';
import { Dispatcher } from './dispatcher.js';
import { LoggedDispatcher } from './logged-dispatcher.js';
import { MemoryGate } from './memory-gate.js';
import { resolveMethods } from './method-table.js';
import { ResponseWriter } from './response-writer.js';
import { CONNECTION_WEIGHT, FewATurn } from '../timing/few-a-turn.js';
import { SharedTurn } from '../timing/shared-turn.js';
import { RpcAudit } from './rpc-audit.js';
import { RpcStatistics } from './rpc-statistics.js';

/** How many connections may wait to be accepted: all workers come back at once after a restart. */
const BACKLOG = 4096;
/** Operating systems look that often, in milliseconds, whether a silent client's machine is still there. */
const KEEP_ALIVE_MS = 60_000;
const TIME_CHECK_MS = 1_000;
const DRAIN_CHECK_MS = 10;
/** So long must all have been accepted before another failure is worth a word. */
const QUIET_MS = 60_000;
/** Time for the last answers to get to their clients before connections are reset. */
const DELIVERY_MS = 50;

/** Looks after connections that have said nothing for a while. */
export interface IdleWatch {
  /** Resets those of some idle connections on which nobody speaks who is at work. */
  resetUnlessLeased(idle: readonly RpcConnection[], timeoutMs: number): Promise<void>;
}

type ServerEvents = Record<'listening' | 'error' | 'close', (...args: never[]) => void>;

/**
 * Nest's transport for CBOR-RPC: `app.connectMicroservice({ strategy: app.get(CborRpcServer) })`. Listens, keeps count of
 * the connections and their limits, and shuts down; what a connection says is up to RpcConnection.
 */
@Injectable()
export class CborRpcServer extends Server<ServerEvents> implements CustomTransportStrategy {
  protected override readonly logger = new Logger('CBOR-RPC');
  private readonly connections = new Set<RpcConnection>();
  private readonly gate = new AcceptGate();
  private readonly turn = new SharedTurn();
  private readonly ends = new FewATurn();
  private readonly server: NetServer;
  private context?: ConnectionContext;
  private memory?: MemoryGate;
  private lastAcceptError = 0;
  private lastTurnedAway = 0;
  /** Where connections may come from; undefined: from anywhere. */
  private readonly allowed: Networks | undefined;
  private timeCheck?: NodeJS.Timeout;
  private watch?: IdleWatch;
  private handshakes?: Handshakes;

  constructor(
    @Inject(CBOR_RPC_OPTIONS) private readonly options: CborRpcOptions,
    private readonly discovery: DiscoveryService,
    private readonly statistics: RpcStatistics,
    private readonly callers: Callers,
    private readonly audit: Audit,
  ) {
    super();
    const { allow = [] } = options;
    if (allow.length > 0) this.allowed = new Networks(allow);
    this.server = this.makeServer();
  }

  /** Has idle connections looked after; to be called before it listens. */
  watchLeases(watch: IdleWatch): void {
    if (this.options.idleTimeoutMs !== undefined) this.watch = watch;
  }

  /** @param callback gets the error, or undefined and the address listened on */
  override listen(callback: (error?: Error, address?: AddressInfo) => void): void {
    this.context = this.makeContext();
    this.server.once('error', callback);
    this.server.listen({ host: this.options.host, port: this.options.port, backlog: BACKLOG }, () => {
      this.server.off('error', callback);
      this.server.on('error', this.onAcceptError);
      this.timeCheck = setInterval(() => this.checkTimes(), TIME_CHECK_MS).unref();
      callback(undefined, this.server.address() as AddressInfo);
    });
  }

  /**
   * Stops accepting and reading, waits for the requests in flight, then resets the connections, so that clients connect
   * again, to the next daemon: the published Python client waits ten seconds for an answer after an orderly end.
   */
  override async close(): Promise<void> {
    this.server.close();
    this.ends.hurry();
    this.handshakes?.cutOff();
    clearInterval(this.timeCheck);
    for (const connection of this.connections) connection.stopReading();
    const deadline = Date.now() + this.options.drainTimeoutMs;
    while (this.anyInFlight() && Date.now() < deadline) await sleep(DRAIN_CHECK_MS);
    if (this.connections.size > 0) await sleep(DELIVERY_MS);
    for (const connection of this.connections) connection.reset();
  }

  override on<E extends keyof ServerEvents>(event: E, callback: ServerEvents[E]): void {
    this.server.on(event as 'close', callback);
  }

  override unwrap<T>(): T {
    return this.server as T;
  }

  private makeServer(): NetServer {
    const { tls } = this.options;
    const sockets = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    if (tls === undefined) {
      // With this mark a write says at once that the client has not taken all, and a paused socket reads no further.
      return createServer({ highWaterMark: 1, ...sockets }, (socket) => {
        if (this.admit(socket)) this.accept(socket, socket);
      });
    }
    const server = createTlsServer({ ...sockets, ...tls.options });
    tls.keep(server);
    this.handshakes = new Handshakes(server, (socket, beneath) => {
      if (this.admit(beneath)) this.accept(socket, beneath);
    });
    return server;
  }

  private makeContext(): ConnectionContext {
    const { statistics, options, gate, turn, ends, onDefect } = this;
    const methods = resolveMethods(this.discovery, this.messageHandlers.keys(), statistics, this.audit);
    const out = new ResponseWriter();
    const memory = (this.memory = new MemoryGate(options.maxBufferedBytes, statistics, options.maxMessageBytes));
    const audit = new RpcAudit(this.audit);
    const dispatcher = options.requestLog
      ? new LoggedDispatcher(methods, out, statistics, onDefect, memory, audit, options.requestLog)
      : new Dispatcher(methods, out, statistics, onDefect, memory, audit);
    return { dispatcher, out, statistics, options, gate, memory, turn, ends, onDefect };
  }

  private readonly onDefect = (error: unknown): void => {
    if (error instanceof StorageUnavailableError) this.logger.warn(error.message);
    else this.logger.error(error instanceof Error ? error.stack : error);
  };

  /** Told once, not again and again: as long as files run short, each try to accept fails. */
  private readonly onAcceptError = (error: NodeJS.ErrnoException): void => {
    const now = Date.now();
    const isNew = now - this.lastAcceptError > QUIET_MS;
    this.lastAcceptError = now;
    if (!isNew) return;
    const isShort = error.code === 'EMFILE' || error.code === 'ENFILE';
    const hint = isShort ? ': too many open files, raise their limit (ulimit -n) or lower -max-connections' : '';
    this.logger.error(`connections cannot be accepted (${error.code ?? error.message})${hint}`);
  };

  /** Whether there is room for another connection. */
  private admit(socket: Socket): boolean {
    this.gate.connectionCame();
    this.turn.arrived();
    if (this.allowed !== undefined && !this.allowed.has(socket.remoteAddress ?? '')) {
      this.turnAway(socket);
      return false;
    }
    if (this.connections.size < this.options.maxConnections) return true;
    this.statistics.refusedConnections++;
    socket.resetAndDestroy();
    return false;
  }

  /** @param beneath - the TCP connection, which is the socket itself where nothing is encrypted */
  private accept(socket: Socket, beneath: Socket): void {
    const { statistics } = this;
    const connection = new RpcConnection(socket, this.context!, this.callers.ofConnection(socket), beneath);
    this.connections.add(connection);
    statistics.connections++;
    statistics.openConnections++;
    const closed = (): void => {
      this.connections.delete(connection);
      connection.closed();
      statistics.openConnections--;
    };
    socket.once('close', () => this.ends.add(CONNECTION_WEIGHT, closed));
  }

  /** Somebody connects from where nobody may. The log says so now and then. */
  private turnAway(socket: Socket): void {
    this.statistics.unwelcomeConnections++;
    const now = Date.now();
    if (now - this.lastTurnedAway > QUIET_MS)
      this.logger.warn(`${socket.remoteAddress ?? '-'} may not connect (-rpc-allow)`);
    this.lastTurnedAway = now;
    socket.resetAndDestroy();
  }

  private checkTimes(): void {
    const now = Date.now();
    for (const connection of this.connections) {
      if (isPast(connection.caller.identity, now * MILLISECOND)) connection.reset();
      else connection.checkTime(now);
    }
    this.memory?.letOn();
    if (this.watch !== undefined) this.checkIdle(this.watch, this.options.idleTimeoutMs!, now);
  }

  private checkIdle(watch: IdleWatch, timeoutMs: number, now: number): void {
    const idle = [...this.connections].filter((connection) => connection.idleFor(now) >= timeoutMs);
    if (idle.length > 0) void watch.resetUnlessLeased(idle, timeoutMs).catch(this.onDefect);
  }

  private anyInFlight(): boolean {
    for (const connection of this.connections) if (connection.inFlight) return true;
    return false;
  }
}
