import { Module } from '@nestjs/common';
import { AskedRuntimes } from './asked-runtimes.js';
import { WorkSpecsService } from './work-specs.service.js';

@Module({ providers: [AskedRuntimes, WorkSpecsService], exports: [AskedRuntimes, WorkSpecsService] })
export class WorkSpecsModule {}
