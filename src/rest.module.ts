import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AttemptsRestModule } from './attempts/rest/attempts-rest.module.js';
import { DaemonsRestModule } from './daemons/rest/daemons-rest.module.js';
import { EventsRestModule } from './live/events/rest/events-rest.module.js';
import { HistoryRestModule } from './live/history/rest/history-rest.module.js';
import { OverviewRestModule } from './live/overview/rest/overview-rest.module.js';
import { NamespacesRestModule } from './namespaces/rest/namespaces-rest.module.js';
import { RequestCallers } from './rest/access/request-callers.js';
import { RestExceptionFilter } from './rest/errors/exception.filter.js';
import { RootController } from './rest/root.controller.js';
import { SessionsRestModule } from './sessions/rest/sessions-rest.module.js';
import { SchedulesRestModule } from './schedules/rest/schedules-rest.module.js';
import { SnapshotsRestModule } from './snapshots/rest/snapshots-rest.module.js';
import { StorageCallsRestModule } from './storage-calls/rest/storage-calls-rest.module.js';
import { WorkSpecsRestModule } from './work-specs/rest/work-specs-rest.module.js';
import { WorkUnitsRestModule } from './work-units/rest/work-units-rest.module.js';
import { WorkersRestModule } from './workers/rest/workers-rest.module.js';

/** REST: the controllers of the features, and what they share. */
@Module({
  imports: [
    NamespacesRestModule,
    WorkSpecsRestModule,
    WorkUnitsRestModule,
    WorkersRestModule,
    AttemptsRestModule,
    SessionsRestModule,
    SchedulesRestModule,
    SnapshotsRestModule,
    HistoryRestModule,
    OverviewRestModule,
    EventsRestModule,
    StorageCallsRestModule,
    DaemonsRestModule,
  ],
  controllers: [RootController],
  providers: [{ provide: APP_FILTER, useClass: RestExceptionFilter }, RequestCallers],
})
export class RestModule {}
