import type { DynamicModule } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import { type Backend, NO_SUCH_BACKEND } from '../config/backend.js';
import { ValueError } from '../config/errors.js';
import { type LocalClock, SystemClock } from '../domain/time.js';
import type { OpenRepositories } from './repositories.js';

/** Binds the repository classes, everywhere in the app, to the backend that was chosen. */
@Global()
@Module({})
export class StorageModule {
  /**
   * A backend's code is loaded when it is chosen: TypeORM and the driver are a quarter of the heap that the collector of a
   * daemon on the memory backend would look through, and a third of the time that it takes to start.
   * @param clock - what the memory backend goes by @param plugged - those of plug-ins, by name
   * @throws ValueError when its URL is not understood, or no plug-in has it, Error in one line when a file that it names can't be read
   */
  static async forBackend(
    backend: Backend,
    clock: LocalClock = new SystemClock(),
    plugged: ReadonlyMap<string, OpenRepositories> = new Map(),
  ): Promise<DynamicModule> {
    switch (backend.kind) {
      case 'memory': {
        const { MemoryStorageModule } = await import('./memory/memory-storage.module.js');
        const module = MemoryStorageModule.goingBy(clock);
        return { module: StorageModule, imports: [module], exports: [module] };
      }
      case 'postgres': {
        const { PostgresStorageModule } = await import('./postgres/postgres-storage.module.js');
        const module = PostgresStorageModule.forUrl(backend.url);
        return { module: StorageModule, imports: [module], exports: [module] };
      }
      case 'embedded': {
        const { EmbeddedStorageModule } = await import('./embedded/embedded-storage.module.js');
        const module = EmbeddedStorageModule.forFolder(backend.dir);
        return { module: StorageModule, imports: [module], exports: [module] };
      }
      case 'http': {
        const { HttpStorageModule } = await import('./http/http-storage.module.js');
        const module = HttpStorageModule.forBackend(backend);
        return { module: StorageModule, imports: [module], exports: [module] };
      }
      case 'plugin': {
        const open = plugged.get(backend.name);
        if (open === undefined) throw new ValueError(`${NO_SUCH_BACKEND}, nor one that a plug-in brings`);
        const { RepositoriesStorageModule } = await import('./repositories-storage.module.js');
        const module = RepositoriesStorageModule.opening(open, backend.rest);
        return { module: StorageModule, imports: [module], exports: [module] };
      }
    }
  }
}
