import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import { READ_ALL } from '../../access/need.js';
import { Needs } from '../../rest/access/needs.js';
import { Slices } from '../../timing/slices.js';
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
    const text = await this.inSlices();
    await reply.header('content-type', this.registry.contentType).send(text);
  }

  /** What `metrics()` of the registry makes of all in one turn of the event loop, one metric after another. */
  private async inSlices(): Promise<string> {
    const slices = new Slices();
    const texts: string[] = [];
    for (const { name } of this.registry.getMetricsAsArray()) {
      texts.push(await this.registry.getSingleMetricAsString(name));
      if (slices.isOver(Infinity)) await slices.next();
    }
    return `${texts.join('\n\n')}\n`;
  }
}
