import { Module } from '@nestjs/common';
import { WorkersModule } from '../workers.module.js';
import { WorkersController } from './workers.controller.js';

@Module({ imports: [WorkersModule], controllers: [WorkersController] })
export class WorkersRestModule {}
