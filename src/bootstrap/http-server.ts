import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Address, Limits } from '../config/config.js';
import { ListenError } from './start-error.js';

/** Request heads (a query may name many units), in bytes. */
const MAX_HEAD_BYTES = 1024 * 1024;
/** A name of 1,024 bytes, each of them percent-encoded, takes 3,072 characters. */
const MAX_PATH_PART = 8192;

/** Fastify for REST, within the limits of the configuration. */
export function createHttpAdapter({ maxMessageBytes, maxConnections }: Limits): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: maxMessageBytes,
    http: { maxHeaderSize: MAX_HEAD_BYTES },
    routerOptions: { maxParamLength: MAX_PATH_PART, ignoreTrailingSlash: true },
  });
  adapter.getInstance().server.maxConnections = maxConnections;
  return adapter;
}

/** @throws ListenError */
export async function listenHttp(adapter: FastifyAdapter, address: Address): Promise<AddressInfo> {
  const fastify = adapter.getInstance();
  try {
    // Not by Nest's own listen, which logs a failure that is reported already.
    await fastify.listen({ host: address.host || wildcardHost(), port: address.port });
  } catch (error) {
    throw new ListenError('HTTP', address, error as NodeJS.ErrnoException);
  }
  return fastify.server.address() as AddressInfo;
}

/** IPv6 and IPv4 at once where the machine has IPv6. Without a host, Fastify would listen on localhost alone. */
function wildcardHost(): string {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.some((address) => address?.family === 'IPv6') ? '::' : '0.0.0.0';
}

/** Accepts no more, and resolves when the requests in flight are answered and their connections closed. */
export async function drainHttp(adapter: FastifyAdapter): Promise<void> {
  const fastify = adapter.getInstance();
  // Fastify closes the connections that are idle now; one that falls idle later would stay for its keep-alive time.
  const sweep = setInterval(() => {
    fastify.server.closeIdleConnections();
  }, 20);
  try {
    await fastify.close();
  } finally {
    clearInterval(sweep);
  }
}
