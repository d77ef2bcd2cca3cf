import { Module } from '@nestjs/common';
import { WorkSpecsModule } from '../work-specs.module.js';
import { WorkSpecsController } from './work-specs.controller.js';

@Module({ imports: [WorkSpecsModule], controllers: [WorkSpecsController] })
export class WorkSpecsRestModule {}
