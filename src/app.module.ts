import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { RestModule } from './rest/rest.module.js';
import { SchedulerModule } from './scheduler/scheduler.module.js';
import { StorageModule } from './storage/storage.module.js';

/** The daemon, put together for one configuration. */
@Module({})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        SchedulerModule,
        StorageModule.forBackend(config.backend),
        RestModule,
        ObservabilityModule,
      ],
    };
  }
}
