import { Module } from '@nestjs/common';
import { WorkSpecsModule } from '../../work-specs/work-specs.module.js';
import { WorkUnitsModule } from '../../work-units/work-units.module.js';
import { AttemptsModule } from '../attempts.module.js';
import { AttemptsController } from './attempts.controller.js';
import { UnitAttemptsController } from './unit-attempts.controller.js';
import { WorkerAttemptsController } from './worker-attempts.controller.js';

@Module({
  imports: [AttemptsModule, WorkSpecsModule, WorkUnitsModule],
  controllers: [AttemptsController, UnitAttemptsController, WorkerAttemptsController],
})
export class AttemptsRestModule {}
