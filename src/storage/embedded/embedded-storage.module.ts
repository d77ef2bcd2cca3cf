import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { Logger, Module } from '@nestjs/common';
import { PostgresStorageModule } from '../postgres/postgres-storage.module.js';
import { EmbeddedServer } from './embedded-server.js';

/** Binds every repository to the PostgreSQL backend, on a PostgreSQL that the daemon runs itself. */
@Module({ exports: [PostgresStorageModule] })
export class EmbeddedStorageModule implements OnApplicationShutdown {
  constructor(private readonly server: EmbeddedServer) {}

  /**
   * Starts PostgreSQL.
   * @param dir - the folder of its data
   * @throws EmbeddedError in one line, when it can't be
   */
  static async forFolder(dir: string): Promise<DynamicModule> {
    const server = await EmbeddedServer.open(dir, new Logger('Storage'));
    return {
      module: EmbeddedStorageModule,
      imports: [PostgresStorageModule.forUrl(server.url)],
      providers: [{ provide: EmbeddedServer, useValue: server }],
    };
  }

  /** After the storage has closed its connections, which it does when modules are destroyed. */
  async onApplicationShutdown(): Promise<void> {
    await this.server.close();
  }
}
