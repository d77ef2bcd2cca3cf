import { Controller, Get } from '@nestjs/common';
import { OPEN } from '../access/need.js';
import { Needs } from '../rest/access/needs.js';

/** What a health check answers. */
export interface Health {
  readonly status: 'ok';
}

@Controller()
export class HealthController {
  /** Whether the process is alive and its event loop turns. */
  @Needs(OPEN)
  @Get('healthz')
  healthz(): Health {
    return { status: 'ok' };
  }
}
