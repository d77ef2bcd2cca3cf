import { Module } from '@nestjs/common';
import { WorkUnitsController } from './work-units.controller.js';
import { WorkUnitsService } from './work-units.service.js';

@Module({ controllers: [WorkUnitsController], providers: [WorkUnitsService], exports: [WorkUnitsService] })
export class WorkUnitsModule {}
