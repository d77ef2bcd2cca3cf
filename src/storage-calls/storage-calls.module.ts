import { Module } from '@nestjs/common';
import { AttemptsModule } from '../attempts/attempts.module.js';
import { StorageCallsService } from './storage-calls.service.js';
import { StorageNews } from './storage-news.js';

@Module({
  imports: [AttemptsModule],
  providers: [StorageCallsService, StorageNews],
  exports: [StorageCallsService, StorageNews],
})
export class StorageCallsModule {}
