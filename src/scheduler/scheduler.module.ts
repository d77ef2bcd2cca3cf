import { Global, Module } from '@nestjs/common';
import { Scheduler } from '../domain/scheduler/scheduler.js';

/** The draw that every storage backend claims by. Tests replace it by one whose randomness they know. */
@Global()
@Module({
  providers: [{ provide: Scheduler, useFactory: () => new Scheduler(Math.random) }],
  exports: [Scheduler],
})
export class SchedulerModule {}
