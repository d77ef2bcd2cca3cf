import { Module } from '@nestjs/common';
import { WorkSpecsModule } from '../../work-specs/work-specs.module.js';
import { AttemptsModule } from '../attempts.module.js';
import { AttemptsController } from './attempts.controller.js';
import { WorkerAttemptsController } from './worker-attempts.controller.js';

@Module({
  imports: [AttemptsModule, WorkSpecsModule],
  controllers: [AttemptsController, WorkerAttemptsController],
})
export class AttemptsRestModule {}
