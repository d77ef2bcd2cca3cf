import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AttemptsModule } from '../attempts/attempts.module.js';
import { NamespacesModule } from '../namespaces/namespaces.module.js';
import { SnapshotsModule } from '../snapshots/snapshots.module.js';
import { WorkSpecsModule } from '../work-specs/work-specs.module.js';
import { WorkUnitsModule } from '../work-units/work-units.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { RestExceptionFilter } from './errors/exception.filter.js';
import { RootController } from './root.controller.js';

/** REST: the controllers of the features, and what they share. */
@Module({
  imports: [NamespacesModule, WorkSpecsModule, WorkUnitsModule, WorkersModule, AttemptsModule, SnapshotsModule],
  controllers: [RootController],
  providers: [{ provide: APP_FILTER, useClass: RestExceptionFilter }],
})
export class RestModule {}
