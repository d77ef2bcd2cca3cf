import { Module } from '@nestjs/common';
import { WorkUnitsModule } from '../work-units.module.js';
import { WorkUnitsController } from './work-units.controller.js';

@Module({ imports: [WorkUnitsModule], controllers: [WorkUnitsController] })
export class WorkUnitsRestModule {}
