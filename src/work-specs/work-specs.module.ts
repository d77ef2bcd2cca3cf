import { Module } from '@nestjs/common';
import { AskedRuntimes } from './asked-runtimes.js';
import { WorkSpecsController } from './work-specs.controller.js';
import { WorkSpecsService } from './work-specs.service.js';

@Module({
  controllers: [WorkSpecsController],
  providers: [AskedRuntimes, WorkSpecsService],
  exports: [AskedRuntimes, WorkSpecsService],
})
export class WorkSpecsModule {}
