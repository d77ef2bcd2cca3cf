import { Module } from '@nestjs/common';
import { NamespacesService } from './namespaces.service.js';

@Module({ providers: [NamespacesService], exports: [NamespacesService] })
export class NamespacesModule {}
