import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { HistoryRoom } from '../live/history/recorder/history-room.js';
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
    {
      provide: HistoryRoom,
      inject: [Config],
      useFactory: ({ limits }: Config) => new HistoryRoom(limits.historyMemoryBytes),
    },
  ],
  exports: [ProcessMemory, HistoryRoom],
})
export class ProcessMemoryModule {}
