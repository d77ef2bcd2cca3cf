import { Module } from '@nestjs/common';
import { LocksService } from './locks.service.js';

@Module({ providers: [LocksService], exports: [LocksService] })
export class LocksModule {}
