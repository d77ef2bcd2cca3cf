import { readFileSync } from 'node:fs';
import { type DynamicModule, Module, type OnModuleDestroy } from '@nestjs/common';
import { connect, type Coordinate } from 'coordinate-client';
import type { Backend } from '../../config/backend.js';
import { ValueError } from '../../config/errors.js';
import { Clock } from '../../domain/time.js';
import { WorkFeed } from '../../domain/work-feed.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import { ScheduleRepository } from '../../schedules/schedule.repository.js';
import { SnapshotRepository } from '../../snapshots/snapshot.repository.js';
import { DaemonChain } from '../../storage-calls/calls/daemon-chain.js';
import { CALLED_REPOSITORIES } from '../../storage-calls/calls/repositories.js';
import type { CalledRepository } from '../../storage-calls/calls/table.js';
import { StorageHealth } from '../storage-health.js';
import { StorageObserver, watched } from '../storage-observer.js';
import {
  HttpChain,
  HttpHealth,
  HttpMaintenanceRepository,
  HttpSnapshotRepository,
  HttpWorkFeed,
} from './http-repositories.js';
import { OtherDaemon } from './other-daemon.js';
import { remoteRepository } from './remote-repository.js';

const OBSERVER = { token: StorageObserver, optional: true };

/** Those of which each method is a call, and whose calls are watched. */
const REMOTE = [
  'attempts',
  'daemons',
  'history',
  'locks',
  'namespaces',
  'overview',
  'sessions',
  'specs',
  'units',
  'workers',
] as const satisfies readonly CalledRepository[];

/** What is to be closed in the end. */
class Connection {
  constructor(readonly coordinate: Coordinate) {}
}

/** Binds every repository to another daemon. */
@Module({})
export class HttpStorageModule implements OnModuleDestroy {
  constructor(
    private readonly connection: Connection,
    private readonly health: StorageHealth,
  ) {}

  onModuleDestroy(): void {
    this.health.drain();
    this.connection.coordinate.close();
  }

  /** @throws ValueError when the address is not understood, Error in one line when a file that it needs can't be read */
  static forBackend(backend: Extract<Backend, { kind: 'http' }>): DynamicModule {
    const coordinate = connected(backend);
    const providers = [
      { provide: Connection, useValue: new Connection(coordinate) },
      { provide: OtherDaemon, useValue: new OtherDaemon(coordinate.storage(), withoutSlash(backend.url)) },
      ...REMOTE.map((repository) => {
        const provide: abstract new () => object = CALLED_REPOSITORIES[repository];
        return {
          provide,
          inject: [OtherDaemon, OBSERVER],
          useFactory: (other: OtherDaemon, observer?: StorageObserver) =>
            watched(provide, remoteRepository(provide, repository, other), observer),
        };
      }),
      over(Clock, (other) => remoteRepository(Clock, 'clock', other)),
      over(ScheduleRepository, (other) => remoteRepository(ScheduleRepository, 'schedules', other)),
      over(MaintenanceRepository, (other) => new HttpMaintenanceRepository(other)),
      over(SnapshotRepository, (other) => new HttpSnapshotRepository(other)),
      over(WorkFeed, (other) => new HttpWorkFeed(other)),
      over(DaemonChain, (other) => new HttpChain(other)),
      {
        provide: StorageHealth,
        inject: [OtherDaemon, DaemonChain],
        useFactory: (other: OtherDaemon, chain: HttpChain) => new HttpHealth(other, chain),
      },
    ];
    return { module: HttpStorageModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

function over<T>(
  provide: abstract new (...args: never[]) => T,
  make: (other: OtherDaemon) => T,
): { provide: typeof provide; inject: [typeof OtherDaemon]; useFactory: typeof make } {
  return { provide, inject: [OtherDaemon], useFactory: make };
}

function connected({ url, tokenFile, caFile }: Extract<Backend, { kind: 'http' }>): Coordinate {
  const token = tokenFile === undefined ? undefined : textIn(tokenFile, '-backend-token-file').trim();
  if (token === '') throw new Error(`-backend-token-file: ${tokenFile} is empty`);
  const ca = caFile === undefined ? undefined : textIn(caFile, '-backend-ca-file');
  try {
    // What may be carried out twice nobody knows as well as whoever asks.
    return connect(url, { token, retry: false, ...(ca !== undefined && { tls: { ca } }) });
  } catch (error) {
    if (error instanceof RangeError) throw new ValueError(error.message);
    throw error;
  }
}

function textIn(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${flag}: ${(error as Error).message}`, { cause: error });
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
