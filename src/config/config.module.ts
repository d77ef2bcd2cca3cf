import { Module, type DynamicModule } from '@nestjs/common';
import { RetentionPolicy } from '../domain/retention.js';
import { Config } from './config.js';

/** Makes the loaded configuration injectable everywhere: `Config`, and on its own what the model is parametrised by. */
@Module({})
export class ConfigModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [
        { provide: Config, useValue: config },
        { provide: RetentionPolicy, useValue: config.retention },
      ],
      exports: [Config, RetentionPolicy],
    };
  }
}
