import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { Logger, Module } from '@nestjs/common';
import { PostgresStorageModule } from '../postgres/postgres-storage.module.js';
import { EmbeddedServer } from './embedded-server.js';
import { findPrograms } from './programs.js';

/** The PostgreSQL that the daemon runs itself, for as long as the app is there. */
@Module({ exports: [EmbeddedServer] })
class EmbeddedServerModule implements OnApplicationShutdown {
  constructor(private readonly server: EmbeddedServer) {}

  /** After the storage has closed its connections, which it does when modules are destroyed. */
  async onApplicationShutdown(): Promise<void> {
    await this.server.close();
  }
}

/** Binds every repository to the PostgreSQL backend, on a PostgreSQL that starts when the app is put together. */
@Module({ exports: [PostgresStorageModule] })
export class EmbeddedStorageModule {
  /**
   * @param dir - the folder of its data
   * @throws EmbeddedError in one line, when there is no PostgreSQL to run
   */
  static forFolder(dir: string): DynamicModule {
    findPrograms();
    const useFactory = (): Promise<EmbeddedServer> => EmbeddedServer.open(dir, new Logger('Storage'));
    const server = { module: EmbeddedServerModule, providers: [{ provide: EmbeddedServer, useFactory }] };
    return { module: EmbeddedStorageModule, imports: [PostgresStorageModule.forServer(server, EmbeddedServer)] };
  }
}
