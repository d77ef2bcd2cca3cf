import { Module } from '@nestjs/common';
import { AttemptsModule } from '../../attempts/attempts.module.js';
import { StorageCallsModule } from '../storage-calls.module.js';
import { StorageCallsController } from './storage-calls.controller.js';

@Module({ imports: [AttemptsModule, StorageCallsModule], controllers: [StorageCallsController] })
export class StorageCallsRestModule {}
