import { Module } from '@nestjs/common';
import { WorkUnitsModule } from '../work-units.module.js';
import { FailuresController } from './failures.controller.js';
import { WorkUnitsController } from './work-units.controller.js';

@Module({ imports: [WorkUnitsModule], controllers: [WorkUnitsController, FailuresController] })
export class WorkUnitsRestModule {}
