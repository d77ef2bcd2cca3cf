import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { Callers } from './callers.js';

/** Who may do what: for both interfaces, whichever of them there are. */
@Module({})
export class AccessModule {
  static forRoot({ namespace }: Pick<Config, 'namespace'>): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      providers: [{ provide: Callers, useValue: new Callers(namespace) }],
      exports: [Callers],
    };
  }
}
