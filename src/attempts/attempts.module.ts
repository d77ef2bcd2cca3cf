import { Module } from '@nestjs/common';
import { WorkSpecsModule } from '../work-specs/work-specs.module.js';
import { AttemptsService } from './attempts.service.js';
import { WaitingClaims } from './waiting-claims.js';

@Module({
  imports: [WorkSpecsModule],
  providers: [AttemptsService, WaitingClaims],
  exports: [AttemptsService, WaitingClaims],
})
export class AttemptsModule {}
