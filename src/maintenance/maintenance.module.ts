import { Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { RetentionPolicy } from '../domain/retention.js';
import { MaintenanceService } from './maintenance.service.js';

@Module({
  providers: [
    { provide: RetentionPolicy, inject: [Config], useFactory: ({ retention }: Config) => retention },
    MaintenanceService,
  ],
  exports: [MaintenanceService],
})
export class MaintenanceModule {}
