import { Module } from '@nestjs/common';
import { OverviewModule } from '../overview.module.js';
import { OverviewController } from './overview.controller.js';

@Module({ imports: [OverviewModule], controllers: [OverviewController] })
export class OverviewRestModule {}
