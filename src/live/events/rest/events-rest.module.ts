import { Module } from '@nestjs/common';
import { AttemptsModule } from '../../../attempts/attempts.module.js';
import { WorkersModule } from '../../../workers/workers.module.js';
import { OverviewModule } from '../../overview/overview.module.js';
import { EventHub } from './event-hub.js';
import { EventSource } from './event-source.js';
import { WorkerEventHub } from './worker-event-hub.js';
import { EventsController } from './events.controller.js';

@Module({
  imports: [AttemptsModule, OverviewModule, WorkersModule],
  providers: [EventSource, EventHub, WorkerEventHub],
  controllers: [EventsController],
  exports: [EventHub, WorkerEventHub],
})
export class EventsRestModule {}
