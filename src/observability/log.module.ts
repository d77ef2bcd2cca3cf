import { Module, type DynamicModule } from '@nestjs/common';
import { LogOutput } from './log-output.js';

/** Makes it known where the log goes, for metrics to say how it is. */
@Module({})
export class LogModule {
  static forRoot(output: LogOutput | undefined): DynamicModule {
    if (output === undefined) return { module: LogModule };
    return {
      module: LogModule,
      global: true,
      providers: [{ provide: LogOutput, useValue: output }],
      exports: [LogOutput],
    };
  }
}
