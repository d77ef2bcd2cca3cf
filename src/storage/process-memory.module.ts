import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { ProcessMemory } from './process-memory.js';

/** Apart from the storage, whatever that is: metrics tell of it too. */
@Global()
@Module({
  providers: [
    {
      provide: ProcessMemory,
      inject: [Config],
      useFactory: ({ limits }: Config) => new ProcessMemory(limits.maxMemoryBytes),
    },
  ],
  exports: [ProcessMemory],
})
export class ProcessMemoryModule {}
