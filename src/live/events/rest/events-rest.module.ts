import { Module } from '@nestjs/common';
import { WorkersModule } from '../../../workers/workers.module.js';
import { OverviewModule } from '../../overview/overview.module.js';
import { EventHub } from './event-hub.js';
import { EventSource } from './event-source.js';
import { EventsController } from './events.controller.js';

@Module({
  imports: [OverviewModule, WorkersModule],
  providers: [EventSource, EventHub],
  controllers: [EventsController],
  exports: [EventHub],
})
export class EventsRestModule {}
