import { Module } from '@nestjs/common';
import { SchedulesModule } from '../schedules.module.js';
import { SchedulesController } from './schedules.controller.js';

@Module({ imports: [SchedulesModule], controllers: [SchedulesController] })
export class SchedulesRestModule {}
