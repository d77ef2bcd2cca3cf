import { Module } from '@nestjs/common';
import { AttemptsModule } from '../attempts/attempts.module.js';
import { CALLED_REPOSITORIES } from './calls/repositories.js';
import { REPOSITORIES, StorageCallsService } from './storage-calls.service.js';
import { StorageNews } from './storage-news.js';

const NAMES = Object.keys(CALLED_REPOSITORIES);

@Module({
  imports: [AttemptsModule],
  providers: [
    {
      provide: REPOSITORIES,
      inject: Object.values(CALLED_REPOSITORIES),
      useFactory: (...repositories: object[]) => Object.fromEntries(NAMES.map((name, at) => [name, repositories[at]])),
    },
    StorageCallsService,
    StorageNews,
  ],
  exports: [StorageCallsService, StorageNews],
})
export class StorageCallsModule {}
