import { lookup } from 'node:dns/promises';
import type { AddressInfo, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Address, Limits } from '../config/config.js';
import { logHttpRequests } from '../observability/request-log/http-requests.js';
import type { RequestLog } from '../observability/request-log/request-log.js';
import { RestAdapter } from '../rest/http/rest-adapter.js';
import { HttpDrain } from './http-drain.js';
import { ListenError } from './start-error.js';

/** The HTTP server: Fastify under Nest's adapter, within the limits of the configuration. */
export class HttpServer {
  readonly adapter: FastifyAdapter;
  private readonly sockets = new Set<Socket>();
  private readonly draining: HttpDrain;

  constructor({ maxMessageBytes, maxConnections }: Limits, requestLog?: RequestLog) {
    this.adapter = new RestAdapter(maxMessageBytes);
    this.server.maxConnections = maxConnections;
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.draining = new HttpDrain(this.fastify);
    if (requestLog) logHttpRequests(this.fastify, requestLog);
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
    }, 20);
    try {
      await this.fastify.close();
    } finally {
      clearInterval(sweep);
    }
  }

  /** Ends all connections, whatever they are doing. */
  cutOff(): void {
    this.server.closeAllConnections();
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
