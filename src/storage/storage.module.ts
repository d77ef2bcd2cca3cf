import type { DynamicModule } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import type { Backend } from '../config/backend.js';
import { MemoryStorageModule } from './memory/memory-storage.module.js';

/** Binds the repository classes, everywhere in the app, to the backend that was chosen. */
@Global()
@Module({})
export class StorageModule {
  /** @throws Error when this build has no such backend */
  static forBackend(backend: Backend): DynamicModule {
    const module = moduleOf(backend);
    return { module: StorageModule, imports: [module], exports: [module] };
  }
}

function moduleOf(backend: Backend): typeof MemoryStorageModule {
  switch (backend.kind) {
    case 'memory':
      return MemoryStorageModule;
    default:
      throw new Error(`-backend ${backend.kind} is not yet available`);
  }
}
