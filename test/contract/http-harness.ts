import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { connect, type Coordinate } from 'coordinate-client';
import { AccessModule } from '../../src/access/access.module.js';
import { AttemptRepository } from '../../src/attempts/attempt.repository.js';
import { DaemonRepository } from '../../src/daemons/daemon.repository.js';
import type { Random } from '../../src/domain/scheduler/draw.js';
import { Clock, type Micros } from '../../src/domain/time.js';
import { WorkFeed } from '../../src/domain/work-feed.js';
import { HistoryRepository } from '../../src/live/history/history.repository.js';
import { OverviewRepository } from '../../src/live/overview/overview.repository.js';
import { LockRepository } from '../../src/locks/lock.repository.js';
import { NamespaceRepository } from '../../src/namespaces/namespace.repository.js';
import { RestAdapter } from '../../src/rest/http/rest-adapter.js';
import { RestModule } from '../../src/rest.module.js';
import { ScheduleRepository } from '../../src/schedules/schedule.repository.js';
import { SchedulesService } from '../../src/schedules/schedules.service.js';
import { SessionRepository } from '../../src/sessions/session.repository.js';
import { SnapshotRepository } from '../../src/snapshots/snapshot.repository.js';
import {
  HttpChain,
  HttpHealth,
  HttpMaintenanceRepository,
  HttpSnapshotRepository,
  HttpWorkFeed,
} from '../../src/storage/http/http-repositories.js';
import { CALLED_REPOSITORIES } from '../../src/storage-calls/calls/repositories.js';
import { OtherDaemon } from '../../src/storage/http/other-daemon.js';
import { remoteRepository } from '../../src/storage/http/remote-repository.js';
import { repositoriesOver } from '../../src/storage/memory/memory-repositories.js';
import { MemoryStore } from '../../src/storage/memory/memory-store.js';
import { StorageHealth } from '../../src/storage/storage-health.js';
import { WorkSpecRepository } from '../../src/work-specs/work-spec.repository.js';
import { WorkUnitRepository } from '../../src/work-units/work-unit.repository.js';
import { WorkerRepository } from '../../src/workers/worker.repository.js';
import type { BackendHarness, OpenBackend, Repositories } from './harness.js';
import { ManualClock } from './memory-harness.js';

const TOKENS = { ...CALLED_REPOSITORIES, snapshots: SnapshotRepository, health: StorageHealth };

@Module({})
class StorageOfTest {}

/** What a daemon has as its storage that is another one for each test. */
function changing(current: () => Repositories): DynamicModule {
  const providers = Object.entries(TOKENS).map(([key, provide]) => {
    const of = (): object => current()[key as keyof Repositories];
    const useValue = new Proxy({}, { get: (_, name) => member(of(), name) });
    return { provide, useValue };
  });
  // The same for all tests, as those who wait listen to it.
  const feed = { provide: WorkFeed, useFactory: () => new FollowingFeed(() => current().feed) };
  return {
    module: StorageOfTest,
    global: true,
    providers: [...providers, feed],
    exports: [...Object.values(TOKENS), WorkFeed],
  };
}

function member(object: object, name: string | symbol): unknown {
  // Nest looks whether it is a promise, or has hooks.
  if (name === 'then' || String(name).startsWith('on')) return undefined;
  const value = Reflect.get(object, name) as unknown;
  return typeof value === 'function' ? (value.bind(object) as unknown) : value;
}

/** Listens to the feed that there is now. */
class FollowingFeed extends WorkFeed {
  private readonly watched = new Map<string, WorkFeed>();
  private told: WorkFeed | undefined;

  constructor(private readonly current: () => WorkFeed) {
    super();
  }

  override watch(namespace: string): void {
    const feed = this.current();
    if (feed !== this.told) feed.tell(this.news);
    this.told = feed;
    this.watched.set(namespace, feed);
    feed.watch(namespace);
  }

  override unwatch(namespace: string): void {
    this.watched.get(namespace)?.unwatch(namespace);
    this.watched.delete(namespace);
  }

  override look(): void {
    for (const feed of new Set(this.watched.values())) feed.look();
  }
}

/** A daemon that keeps its state in memory, at an address, and those in front of it. */
class OpenHttp implements OpenBackend {
  private readonly clock = new ManualClock();
  private random: Random = () => 0;
  private behind!: Repositories;
  private app!: NestFastifyApplication;
  private port = 0;
  private readonly fronts: Coordinate[] = [];
  repositories!: Repositories;

  async open(): Promise<this> {
    this.empty();
    await this.listen();
    this.repositories = this.front();
    return this;
  }

  private empty(): void {
    const draw = (): number => this.random();
    this.behind = repositoriesOver(
      new MemoryStore(this.clock, undefined, undefined, undefined, undefined, draw),
      this.clock,
      draw,
    );
  }

  private async listen(): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [AccessModule.forRoot({ namespace: '' }), changing(() => this.behind), RestModule],
    })
      // Slots are started by tests alone.
      .overrideProvider(SchedulesService)
      .useValue({})
      .compile();
    const adapter = new RestAdapter(64 * 1024 * 1024);
    this.app = module.createNestApplication<NestFastifyApplication>(adapter, { logger: ['error'] });
    adapter.getInstance().get('/readyz', { config: { needs: 'open' } }, (_request, reply) => void reply.send('ok'));
    await this.app.listen(this.port, '127.0.0.1');
    this.port = (this.app.getHttpServer().address() as AddressInfo).port;
  }

  private front(): Repositories {
    const url = `http://127.0.0.1:${this.port}`;
    const coordinate = connect(url, { retry: false });
    this.fronts.push(coordinate);
    const other = new OtherDaemon(coordinate.storage(), url);
    return {
      namespaces: remoteRepository(NamespaceRepository, 'namespaces', other),
      specs: remoteRepository(WorkSpecRepository, 'specs', other),
      units: remoteRepository(WorkUnitRepository, 'units', other),
      attempts: remoteRepository(AttemptRepository, 'attempts', other),
      workers: remoteRepository(WorkerRepository, 'workers', other),
      locks: remoteRepository(LockRepository, 'locks', other),
      maintenance: new HttpMaintenanceRepository(other),
      schedules: remoteRepository(ScheduleRepository, 'schedules', other),
      snapshots: new HttpSnapshotRepository(other),
      history: remoteRepository(HistoryRepository, 'history', other),
      overview: remoteRepository(OverviewRepository, 'overview', other),
      sessions: remoteRepository(SessionRepository, 'sessions', other),
      daemons: remoteRepository(DaemonRepository, 'daemons', other),
      clock: remoteRepository(Clock, 'clock', other),
      feed: new HttpWorkFeed(other),
      health: new HttpHealth(other, new HttpChain(other)),
    };
  }

  setClock(now: Micros): Promise<void> {
    this.clock.time = now;
    this.app.get(WorkFeed, { strict: false }).look();
    return Promise.resolve();
  }

  setRandom(random: Random): void {
    this.random = random;
  }

  another(): Promise<Repositories> {
    return Promise.resolve(this.front());
  }

  async interrupt(): Promise<() => Promise<void>> {
    const { app } = this;
    const server = app.getHttpServer();
    server.closeAllConnections();
    await app.close();
    return () => this.listen();
  }

  reset(): Promise<void> {
    this.fronts.splice(1).forEach((front) => front.close());
    this.empty();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.fronts.forEach((front) => front.close());
    this.app.getHttpServer().closeAllConnections();
    await this.app.close();
  }
}

export const httpHarness: BackendHarness = {
  name: 'another daemon over HTTP',
  lacks: {
    retention: 'the other daemon removes what it no longer keeps',
    snapshots: 'a dump is taken of the daemon that keeps the state',
    telling: 'of what others have stopped it hears within a second',
    watching: 'what happens to work is seen where the state is kept',
  },
  open: () => new OpenHttp().open(),
};
