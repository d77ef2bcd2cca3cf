import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import { READ_ALL } from '../../access/need.js';
import { Needs } from '../../rest/access/needs.js';
import { StorageView } from './storage-view.js';

@Controller()
export class MetricsController {
  constructor(
    private readonly registry: Registry,
    private readonly view: StorageView,
  ) {}

  /** All metrics in the text format of Prometheus. */
  @Needs({ ...READ_ALL, isMetrics: true })
  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    await this.view.refresh();
    const text = await this.registry.metrics();
    await reply.header('content-type', this.registry.contentType).send(text);
  }
}
