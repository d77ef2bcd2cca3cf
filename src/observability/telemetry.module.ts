import { Global, Module } from '@nestjs/common';
import { StorageObserver } from '../storage/storage-observer.js';
import { Telemetry } from './telemetry.js';

/** Apart from ObservabilityModule, for the storage is made after this and before that. */
@Global()
@Module({
  providers: [Telemetry, { provide: StorageObserver, useExisting: Telemetry }],
  exports: [Telemetry, StorageObserver],
})
export class TelemetryModule {}
