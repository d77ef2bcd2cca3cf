import { Controller } from '@nestjs/common';
import { READ_ALL } from '../../access/need.js';
import type { JsonAnswer } from '../../rest/http/answers.js';
import { Route } from '../../rest/openapi/route.js';
import { DaemonsService } from '../daemons.service.js';
import { DAEMON_LIST, DAEMON_LIST_EXAMPLE } from './dto/daemon.dto.js';

@Controller()
export class DaemonsController {
  constructor(private readonly daemons: DaemonsService) {}

  @Route('GET', 'daemon', {
    id: 'listDaemons',
    summary: 'List the daemons that work on the same storage',
    needs: READ_ALL,
    description:
      'First who gave the latest sign of life, which each does every 15 seconds, and by this answer the one that is asked. One that has ' +
      'ended is not among them; one that was killed, or can not reach the storage, stays for a day. In memory there is one; where the state is ' +
      'kept in another daemon, it is that one that tells.',
    tag: 'Service',
    answer: {
      status: 200,
      description: 'The daemons, a thousand at most.',
      schema: DAEMON_LIST.ref,
      example: DAEMON_LIST_EXAMPLE,
    },
  })
  async list(): Promise<JsonAnswer> {
    return DAEMON_LIST.answer(await this.daemons.stored.list());
  }
}
