import { Module } from '@nestjs/common';
import { SnapshotsModule } from '../snapshots.module.js';
import { SnapshotsController } from './snapshots.controller.js';

@Module({ imports: [SnapshotsModule], controllers: [SnapshotsController] })
export class SnapshotsRestModule {}
