import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { OPEN } from '../access/need.js';
import { Needs } from '../rest/access/needs.js';
import { Readiness } from './readiness.js';

@Controller()
export class ReadinessController {
  constructor(private readonly readiness: Readiness) {}

  /**
   * Whether requests can be served: the storage is reachable, its schema the right one, and no shutdown has begun; else
   * 503 and why. That is an answer, not an error: it is not logged.
   */
  @Needs(OPEN)
  @Get('readyz')
  async readyz(@Res() reply: FastifyReply): Promise<void> {
    const reason = await this.readiness.trouble();
    if (reason === undefined) await reply.send({ status: 'ok' });
    else await reply.code(503).send({ status: 'unavailable', reason });
  }
}
