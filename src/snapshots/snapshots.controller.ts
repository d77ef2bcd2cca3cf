import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DUMP_TYPE } from './dump-format.js';
import { SnapshotsService } from './snapshots.service.js';

@Controller()
export class SnapshotsController {
  constructor(private readonly snapshots: SnapshotsService) {}

  /** A dump of everything in the storage. A client that does not get all of it finds that its end is missing. */
  @Get('dump')
  async dump(@Res() reply: FastifyReply): Promise<void> {
    await this.snapshots.dump(async (bytes) => {
      const stream = Readable.from(bytes, { objectMode: false });
      void reply.header('content-type', DUMP_TYPE).send(stream);
      await finished(stream).catch(() => undefined);
    });
  }
}
