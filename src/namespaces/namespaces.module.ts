import { Module } from '@nestjs/common';
import { NamespacesController } from './namespaces.controller.js';
import { NamespacesService } from './namespaces.service.js';

@Module({ controllers: [NamespacesController], providers: [NamespacesService], exports: [NamespacesService] })
export class NamespacesModule {}
