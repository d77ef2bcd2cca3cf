import { Module } from '@nestjs/common';
import { WorkSpecsModule } from '../work-specs/work-specs.module.js';
import { WorkUnitsModule } from '../work-units/work-units.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { AttemptsController } from './attempts.controller.js';
import { AttemptsService } from './attempts.service.js';
import { WorkerAttemptsController } from './worker-attempts.controller.js';

@Module({
  imports: [WorkSpecsModule, WorkUnitsModule, WorkersModule],
  controllers: [AttemptsController, WorkerAttemptsController],
  providers: [AttemptsService],
  exports: [AttemptsService],
})
export class AttemptsModule {}
