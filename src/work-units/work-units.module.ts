import { Module } from '@nestjs/common';
import { WorkUnitsService } from './work-units.service.js';

@Module({ providers: [WorkUnitsService], exports: [WorkUnitsService] })
export class WorkUnitsModule {}
