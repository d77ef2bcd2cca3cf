import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Controller, Get, Logger, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../rest/access/needs.js';
import { RestError } from '../../rest/errors/rest-error.js';
import { DUMP_TYPE } from '../dump-format.js';
import { SnapshotsService } from '../snapshots.service.js';

const BUSY = new RestError(503, 'another dump is being taken, try again later', undefined, { 'retry-after': '10' });
const NO_ROOM = new RestError(507, 'there is no room for this dump in the folder for temporary files');

@Controller()
export class SnapshotsController {
  private readonly logger = new Logger('REST');
  private isBusy = false;

  constructor(private readonly snapshots: SnapshotsService) {}

  /**
   * A dump of everything in the storage, for one client at a time: each holds a whole copy, or the database back. A client
   * that does not get all of it finds that its end is missing.
   */
  @Needs({ right: 'operate', where: 'everywhere' })
  @Get('dump')
  async dump(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    void reply.header('content-type', DUMP_TYPE);
    if (request.method === 'HEAD') {
      void reply.send();
      return;
    }
    if (this.isBusy) throw BUSY;
    this.isBusy = true;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    try {
      await this.snapshots.dump(async (bytes) => {
        const stream = Readable.from(bytes, { objectMode: false });
        void reply.send(stream);
        await finished(stream).catch(() => undefined);
      }, gone.signal);
    } catch (error) {
      if (reply.raw.headersSent) {
        // The client finds that the end is missing.
        this.logger.warn(`a dump broke off: ${error instanceof Error ? error.message : String(error)}`);
        return void reply.raw.destroy();
      }
      if (gone.signal.aborted) return void reply.send();
      throw isNoRoom(error) ? NO_ROOM : error;
    } finally {
      this.isBusy = false;
    }
  }
}

function isNoRoom(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
