import { Module } from '@nestjs/common';
import { DaemonsModule } from '../daemons.module.js';
import { DaemonsController } from './daemons.controller.js';

@Module({ imports: [DaemonsModule], controllers: [DaemonsController] })
export class DaemonsRestModule {}
