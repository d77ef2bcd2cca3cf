import { Controller, Get } from '@nestjs/common';

/** What a health check answers. */
export interface Health {
  readonly status: 'ok';
}

@Controller()
export class HealthController {
  /** Whether the process is alive and its event loop turns. */
  @Get('healthz')
  healthz(): Health {
    return { status: 'ok' };
  }
}
