import { Module } from '@nestjs/common';
import { StorageCallsModule } from '../storage-calls.module.js';
import { StorageCallsController } from './storage-calls.controller.js';

@Module({ imports: [StorageCallsModule], controllers: [StorageCallsController] })
export class StorageCallsRestModule {}
