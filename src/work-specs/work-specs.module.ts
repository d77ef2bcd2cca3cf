import { Module } from '@nestjs/common';
import { WorkSpecsService } from './work-specs.service.js';

@Module({ providers: [WorkSpecsService], exports: [WorkSpecsService] })
export class WorkSpecsModule {}
