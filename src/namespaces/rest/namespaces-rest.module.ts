import { Module } from '@nestjs/common';
import { NamespacesModule } from '../namespaces.module.js';
import { NamespacesController } from './namespaces.controller.js';

@Module({ imports: [NamespacesModule], controllers: [NamespacesController] })
export class NamespacesRestModule {}
