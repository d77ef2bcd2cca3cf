import { unwatchFile, watchFile } from 'node:fs';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Callers } from './callers.js';

/** How often it is looked whether the file has changed, in milliseconds: by its time, so that links and mounts do no harm. */
const LOOK_MS = 500;

/** Has the file of callers read again when it changes, and at SIGHUP. */
@Injectable()
export class CallersWatch implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('access');

  constructor(
    private readonly callers: Callers,
    private readonly path: string,
  ) {}

  onModuleInit(): void {
    process.on('SIGHUP', this.reload);
    watchFile(this.path, { interval: LOOK_MS, persistent: false }, this.reload);
  }

  onModuleDestroy(): void {
    process.off('SIGHUP', this.reload);
    unwatchFile(this.path, this.reload);
  }

  private readonly reload = (): void => {
    try {
      this.callers.reload();
      this.logger.log(`${this.path} has been read again`);
    } catch (error) {
      this.logger.error(`${(error as Error).message}; the callers stay those they were`);
    }
  };
}
