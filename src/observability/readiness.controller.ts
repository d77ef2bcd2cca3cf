import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { StorageHealth } from '../storage/storage-health.js';
import type { Health } from './health.controller.js';

@Controller()
export class ReadinessController {
  constructor(private readonly storage: StorageHealth) {}

  /** Whether requests can be served: the storage is reachable and its schema is the right one. */
  @Get('readyz')
  async readyz(): Promise<Health> {
    const trouble = await this.storage.ready();
    if (trouble !== undefined) throw new ServiceUnavailableException(trouble);
    return { status: 'ok' };
  }
}
