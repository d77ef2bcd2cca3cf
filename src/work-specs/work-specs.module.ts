import { Module } from '@nestjs/common';
import { WorkSpecsController } from './work-specs.controller.js';
import { WorkSpecsService } from './work-specs.service.js';

@Module({ controllers: [WorkSpecsController], providers: [WorkSpecsService], exports: [WorkSpecsService] })
export class WorkSpecsModule {}
