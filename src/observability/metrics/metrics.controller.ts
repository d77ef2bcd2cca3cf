import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import { StorageView } from './storage-view.js';

@Controller()
export class MetricsController {
  constructor(
    private readonly registry: Registry,
    private readonly view: StorageView,
  ) {}

  /** All metrics in the text format of Prometheus. */
  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    await this.view.refresh();
    const text = await this.registry.metrics();
    await reply.header('content-type', this.registry.contentType).send(text);
  }
}
