import { Module } from '@nestjs/common';
import { WorkSpecsModule } from '../work-specs/work-specs.module.js';
import { AttemptsService } from './attempts.service.js';

@Module({ imports: [WorkSpecsModule], providers: [AttemptsService], exports: [AttemptsService] })
export class AttemptsModule {}
