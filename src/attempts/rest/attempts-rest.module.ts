import { Module } from '@nestjs/common';
import { WorkSpecsModule } from '../../work-specs/work-specs.module.js';
import { WorkUnitsModule } from '../../work-units/work-units.module.js';
import { WorkersModule } from '../../workers/workers.module.js';
import { AttemptsModule } from '../attempts.module.js';
import { AttemptsController } from './attempts.controller.js';
import { WorkerAttemptsController } from './worker-attempts.controller.js';

@Module({
  imports: [AttemptsModule, WorkSpecsModule, WorkUnitsModule, WorkersModule],
  controllers: [AttemptsController, WorkerAttemptsController],
})
export class AttemptsRestModule {}
