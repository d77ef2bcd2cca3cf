import { type Abstract, type DynamicModule, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { WorkFeed } from '../domain/work-feed.js';
import { NO_OBSERVERS } from '../domain/work-observer.js';
import { SnapshotRepository } from '../snapshots/snapshot.repository.js';
import { CALLED_REPOSITORIES } from '../storage-calls/calls/repositories.js';
import type { OpenedRepositories, OpenRepositories, Repositories } from './repositories.js';
import { StorageHealth } from './storage-health.js';
import { StorageObserver, watched } from './storage-observer.js';

/** The class of each repository. */
const TOKENS: { readonly [Name in keyof Repositories]: Abstract<Repositories[Name]> } = {
  ...CALLED_REPOSITORIES,
  snapshots: SnapshotRepository,
  feed: WorkFeed,
  health: StorageHealth,
};

/** Those whose calls nobody counts. */
const UNWATCHED: ReadonlySet<string> = new Set(['feed', 'clock', 'health', 'schedules']);

const OPENED = Symbol('repositories that have been opened');
const OBSERVER = { token: StorageObserver, optional: true };

/** Binds every repository to what somebody else opens: a plug-in. */
@Module({})
export class RepositoriesStorageModule implements OnModuleDestroy {
  constructor(@Inject(OPENED) private readonly opened: OpenedRepositories) {}

  /** @param rest - what -backend says behind the name */
  static opening(open: OpenRepositories, rest: string): DynamicModule {
    const tokens = Object.entries(TOKENS) as [keyof Repositories, Abstract<object>][];
    return {
      module: RepositoriesStorageModule,
      providers: [
        {
          provide: OPENED,
          inject: [OBSERVER],
          useFactory: (observers: StorageObserver = NO_STORAGE_OBSERVER) => open({ rest, observers }),
        },
        ...tokens.map(([name, provide]) => ({
          provide,
          inject: [OPENED, OBSERVER],
          useFactory: (opened: OpenedRepositories, observer?: StorageObserver): object =>
            UNWATCHED.has(name) ? opened[name] : watched(provide as abstract new () => object, opened[name], observer),
        })),
      ],
      exports: tokens.map(([, provide]) => provide),
    };
  }

  async onModuleDestroy(): Promise<void> {
    await this.opened.close?.();
  }
}

/** Nobody looks on. */
const NO_STORAGE_OBSERVER = { ...NO_OBSERVERS, watch: <T extends object>(_: string, repository: T): T => repository };
