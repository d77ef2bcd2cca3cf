import { Controller, Get } from '@nestjs/common';
import { VERSION } from '../version.js';

/** What the daemon says of itself at `/`. */
export interface Root {
  readonly service: 'coordinate';
  readonly version: string;
  readonly health_url: string;
}

@Controller()
export class RootController {
  @Get()
  root(): Root {
    return { service: 'coordinate', version: VERSION, health_url: '/healthz' };
  }
}
