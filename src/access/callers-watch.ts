import { unwatchFile, watchFile } from 'node:fs';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Callers } from './callers.js';

/** How often it is looked whether a file has changed, in milliseconds: by its time, so that links and mounts do no harm. */
const LOOK_MS = 500;

/** Has the file of callers read again when it, or one that a token is in, changes, and at SIGHUP. */
@Injectable()
export class CallersWatch implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('access');
  private readonly watched = new Set<string>();

  constructor(
    private readonly callers: Callers,
    private readonly path: string,
  ) {}

  onModuleInit(): void {
    process.on('SIGHUP', this.reload);
    this.watch(this.callers.files);
  }

  onModuleDestroy(): void {
    process.off('SIGHUP', this.reload);
    this.watch([]);
  }

  /** Watches these files and no others. */
  private watch(files: readonly string[]): void {
    const wanted = new Set(files);
    for (const file of this.watched) {
      if (wanted.has(file)) continue;
      unwatchFile(file, this.reload);
      this.watched.delete(file);
    }
    for (const file of wanted) {
      if (this.watched.has(file)) continue;
      watchFile(file, { interval: LOOK_MS, persistent: false }, this.reload);
      this.watched.add(file);
    }
  }

  private readonly reload = (): void => {
    try {
      this.callers.reload();
      this.watch(this.callers.files);
      this.logger.log(`${this.path} has been read again`);
    } catch (error) {
      this.logger.error(`${(error as Error).message}; the callers stay those they were`);
    }
  };
}
