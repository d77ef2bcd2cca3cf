import { Module } from '@nestjs/common';
import { DaemonsService } from './daemons.service.js';

@Module({ providers: [DaemonsService], exports: [DaemonsService] })
export class DaemonsModule {}
