import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from '../app.module.js';
import { describeBackend } from '../config/backend.js';
import type { Config } from '../config/config.js';
import { NestLogger } from '../observability/nest-logger.js';
import { HttpServer } from './http-server.js';
import { formatAddress } from './start-error.js';

/** How long requests in flight may take at shutdown. */
const DRAIN_MS = 10_000;
/** How long the storage may take to close after that. */
const CLOSE_MS = 5_000;

export interface Daemon {
  /** What it is and where it listens, a line each. */
  readonly banner: readonly string[];
  /** Stops accepting, finishes the requests in flight within `DRAIN_MS`, then closes the storage. */
  close(): Promise<void>;
}

/** Builds the app and listens. @throws Error when that cannot be; nothing is left open then */
export async function startDaemon(config: Config, logger: Logger): Promise<Daemon> {
  const http = new HttpServer(config.limits);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config), http.adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const close = async (): Promise<void> => {
    if (!(await within(DRAIN_MS, http.drain()))) {
      logger.warn('requests still in flight are cut off');
      http.cutOff();
    }
    if (!(await within(CLOSE_MS, app.close()))) throw new Error('the storage did not close in time');
  };
  try {
    // The storage is ready before anybody can connect.
    await app.init();
    const banner = [`storage ${describeBackend(config.backend)}`];
    if (config.http !== 'off') {
      const { address, port } = await http.listen(config.http);
      banner.push(`HTTP on ${formatAddress(address, port)}`);
    }
    return { banner, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns whether `work` was done within `ms` milliseconds */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
