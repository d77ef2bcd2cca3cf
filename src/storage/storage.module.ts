import type { DynamicModule, Type } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import type { Backend } from '../config/backend.js';
import { MemoryStorageModule } from './memory/memory-storage.module.js';
import { PostgresStorageModule } from './postgres/postgres-storage.module.js';

/** Binds the repository classes, everywhere in the app, to the backend that was chosen. */
@Global()
@Module({})
export class StorageModule {
  /** @throws Error when this build has no such backend, or its URL is not understood */
  static forBackend(backend: Backend): DynamicModule {
    const module = moduleOf(backend);
    return { module: StorageModule, imports: [module], exports: [module] };
  }
}

function moduleOf(backend: Backend): Type | DynamicModule {
  switch (backend.kind) {
    case 'memory':
      return MemoryStorageModule;
    case 'postgres':
      return PostgresStorageModule.forUrl(backend.url);
    default:
      throw new Error(`-backend ${backend.kind} is not yet available`);
  }
}
