import type { AddressInfo } from 'node:net';
import type { INestApplicationContext, INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Callers } from '../access/callers.js';
import { Tls } from '../access/tls.js';
import { warningsOf, whoMayDoWhat } from '../access/words.js';
import { ANSWERING, AppModule } from '../app.module.js';
import { WaitingClaims } from '../attempts/waiting-claims.js';
import { CborRpcServer } from '../cbor-rpc/cbor-rpc.server.js';
import { describeBackend } from '../config/backend.js';
import { type Address, asksWho, type Config } from '../config/config.js';
import { SetClock } from '../domain/time.js';
import { WorkFeed } from '../domain/work-feed.js';
import type { Log } from '../observability/log.js';
import { EventHub } from '../live/events/rest/event-hub.js';
import { WorkerEventHub } from '../live/events/rest/worker-event-hub.js';
import { NestLogger } from '../observability/nest-logger.js';
import { Readiness } from '../observability/readiness.js';
import { blamed } from '../plugins/blame.js';
import { type Observing, observe } from '../plugins/observers/observe.js';
import { loadPlugins, type Plugins } from '../plugins/load-plugins.js';
import { askingForCallersOf, callersOf, plugInCallers } from '../plugins/plugged-callers.js';
import { serveDocs } from '../rest/docs/serve-docs.js';
import { serveUi, type UiOptions } from '../rest/ui/serve-ui.js';
import { StorageNews } from '../storage-calls/storage-news.js';
import { StorageHealth } from '../storage/storage-health.js';
import { VERSION } from '../version.js';
import { HttpServer } from './http-server.js';
import { ListenError, formatAddressInfo } from './start-error.js';
import { obeyTestClock } from './test-clock.js';

/** How long requests in flight may take at shutdown. */
const DRAIN_MS = 10_000;
/** How long connections that are cut off then may take to be gone; nobody waits for one that is not. */
const CUT_OFF_MS = 1_000;
/** How long the storage may take to close after that. */
const CLOSE_MS = 5_000;

export interface Daemon {
  /** What it is and where it listens, a line each. */
  readonly banner: readonly string[];
  /** Says that it is not ready, stops accepting, finishes the requests in flight within `DRAIN_MS`, closes the storage. */
  close(): Promise<void>;
}

/** Does something with the storage of an app that does not serve yet. */
export type Prepare = (app: INestApplicationContext) => Promise<void>;

/** Builds the app and listens. @throws Error when that cannot be; nothing is left open then */
export async function startDaemon(given: Config, log: Log, prepare?: Prepare): Promise<Daemon> {
  const { logger } = log;
  const plugins = await loadPlugins(given.plugins, ANSWERING);
  const config = askingForCallersOf(plugins, given);
  const tls = config.tls && new Tls(config.tls);
  const http = new HttpServer(config, log.requests, tls);
  const clock = config.testClock ? new SetClock() : undefined;
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config, log, tls, clock, plugins),
    http.adapter,
    {
      logger: new NestLogger(logger),
      abortOnError: false,
    },
  ).catch((error: unknown) => {
    throw blamed(error, plugins);
  });
  const rpc = config.cborRpc === 'off' ? undefined : app.connectMicroservice({ strategy: app.get(CborRpcServer) });
  let observing: Observing | undefined;
  const close = async (): Promise<void> => {
    observing?.end();
    app.get(Readiness, { strict: false }).drain();
    app.get(WaitingClaims, { strict: false }).end();
    app.get(EventHub, { strict: false }).end();
    app.get(StorageNews, { strict: false }).end();
    app.get(WorkerEventHub, { strict: false }).end();
    // Both at once; the CBOR-RPC server keeps a deadline of its own.
    const drained = http.drain(Promise.resolve(rpc?.getTransportServer().close()));
    if (!(await within(DRAIN_MS, drained))) {
      logger.warn('HTTP requests still in flight are cut off');
      http.cutOff();
      await within(CUT_OFF_MS, drained);
    }
    if (!(await within(CLOSE_MS, app.close()))) throw new Error('the storage did not close in time');
  };
  try {
    if (config.http !== 'off') {
      serveDocs(app);
      serveUi(app, factsOf(config));
    }
    await app.init();
    plugInCallers(plugins, app);
    if (clock) obeyTestClock(clock, app.get(WorkFeed, { strict: false }));
    await prepare?.(app);
    const banner = [`storage ${describeBackend(config.backend)}`];
    if (rpc !== undefined && config.cborRpc !== 'off') {
      banner.push(`CBOR-RPC${tls ? ' over TLS' : ''} on ${await listenRpc(rpc, config.cborRpc)}`);
    }
    if (config.http !== 'off')
      banner.push(`HTTP${tls ? 'S' : ''} on ${formatAddressInfo(await http.listen(config.http))}`);
    // A database that comes up late is waited for; until then health checks are answered, and say so.
    await app.get(StorageHealth, { strict: false }).opened();
    observing = await observe(plugins, app);
    warnOfGrowth(config, logger);
    sayWhoMayDoWhat(config, app.get(Callers), plugins, logger);
    return { banner, close };
  } catch (error) {
    await close();
    throw blamed(error, plugins);
  }
}

/** What the dashboard says of the daemon. */
function factsOf(config: Config): UiOptions {
  const { forEver, flags } = keptForEver(config);
  return {
    ui: config.ui,
    version: VERSION,
    backend: describeBackend(config.backend),
    asksWho: asksWho(config.auth),
    warnings: [
      ...warningsOf(config),
      ...(forEver.length === 0
        ? []
        : [`${forEver.join(' and ')} work units are kept for ever; ${flags.join(' ')} would remove old ones`]),
    ],
  };
}

/** Of a daemon that is open to this machine alone, and asks nobody, there is nothing to say. */
function sayWhoMayDoWhat(config: Config, { entries }: Callers, plugins: Plugins, logger: Log['logger']): void {
  const warnings = warningsOf(config);
  if (entries === undefined && warnings.length === 0) return;
  for (const line of whoMayDoWhat(config, entries, callersOf(plugins))) logger.info({ context: 'access' }, line);
  for (const line of warnings) logger.warn({ context: 'access' }, line);
}

/** Which work is kept for ever, and the flags that would change it. */
function keptForEver({ retention }: Config): { forEver: string[]; flags: string[] } {
  const forEver = (['finished', 'failed'] as const).filter((status) => {
    const { age, count } = retention[status];
    return age === undefined && count === undefined;
  });
  return { forEver, flags: forEver.map((status) => `-retain-${status} ${status === 'finished' ? '7d' : '30d'}`) };
}

/** Work that is kept for ever fills memory or disk one day. */
function warnOfGrowth(config: Config, logger: Log['logger']): void {
  const { forEver, flags } = keptForEver(config);
  const { backend } = config;
  // What another daemon keeps is for that to say.
  if (forEver.length === 0 || backend.kind === 'http') return;
  logger.warn(
    `${forEver.join(' and ')} work units are kept for ever, so that ${backend.kind === 'memory' ? 'memory' : 'the database'} ` +
      `grows with all work that was ever done; ${flags.join(' ')} would remove old ones`,
  );
}

async function listenRpc(rpc: INestMicroservice, address: Address): Promise<string> {
  try {
    return formatAddressInfo((await rpc.listen()) as AddressInfo);
  } catch (error) {
    throw new ListenError('CBOR-RPC', address, error as NodeJS.ErrnoException);
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
