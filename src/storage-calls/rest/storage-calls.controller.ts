import { Controller, Inject, Optional } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller, CallerHere } from '../../access/caller.js';
import { isPast } from '../../access/identity.js';
import { AttemptsService } from '../../attempts/attempts.service.js';
import { MILLISECOND } from '../../domain/time.js';
import { type JsonAnswer, LiveAnswer } from '../../rest/http/answers.js';
import { invalidValue } from '../../rest/errors/rest-error.js';
import { queryOf } from '../../rest/http/path.js';
import { STORAGE_ASKING } from '../../rest/openapi/parameters.js';
import { Route } from '../../rest/openapi/route.js';
import { DaemonChain } from '../calls/daemon-chain.js';
import { StorageCallsService } from '../storage-calls.service.js';
import { StorageNews } from '../storage-news.js';
import { ToldClaims } from '../told-claims.js';
import { MOST_CALLS, STORAGE_CALLS, STORAGE_CHAIN, STORAGE_RESULTS } from './dto/storage-calls.dto.js';

const EVENTS = 'text/event-stream';

/** For daemons that keep their state in this one. */
@Controller()
export class StorageCallsController {
  constructor(
    private readonly calls: StorageCallsService,
    private readonly news: StorageNews,
    private readonly attempts: AttemptsService,
    @Optional() @Inject(DaemonChain) private readonly chain: DaemonChain = new DaemonChain(),
  ) {}

  @Route('GET', 'storage', {
    id: 'getStorageChain',
    summary: 'Ask in which daemons the state is kept',
    needs: { right: 'read', where: 'each' },
    description:
      'For a daemon that is to keep its state in this one, so that it finds out whether it would be asked itself in the end.',
    tag: 'Storage',
    query: [STORAGE_ASKING],
    answer: {
      status: 200,
      description: 'The daemons.',
      schema: STORAGE_CHAIN.ref,
      example: { ids: ['5a0b1f4e-7c0f-4e35-9a55-0c5d3a1b2c3d'] },
    },
  })
  async ids(_caller: Caller, request: FastifyRequest): Promise<JsonAnswer> {
    return STORAGE_CHAIN.answer(await this.chain.ids(queryOf(request).all('asking') ?? []));
  }

  @Route('POST', 'storage/calls', {
    id: 'callStorage',
    summary: 'Ask the storage many things at once',
    needs: { right: 'operate', where: 'everywhere' },
    description:
      'For a daemon that keeps its state in this one (-backend http://HOST:PORT/). Each call is carried out for itself, and needs ' +
      'besides the right that REST asks for the same: read to look, submit for units, work for what workers do and locks, define and admin ' +
      'for work specs, admin for namespaces and sessions; in the namespace that it names, or in all where it names none. Its ' +
      'caller must be one that may act for any worker. Calls change from one version to the next: both daemons are to be of the same.',
    tag: 'Storage',
    body: {
      schema: STORAGE_CALLS.ref,
      example: { calls: [{ call: 'specs.counts', with: { namespace: '', name: 'crawl' } }] },
    },
    answer: {
      status: 200,
      description: 'What came of the calls.',
      schema: STORAGE_RESULTS.ref,
      example: { results: [{ value: { available: 2, delayed: 0, pending: 0, finished: 1, failed: 0 } }] },
    },
  })
  async call(caller: Caller, request: FastifyRequest): Promise<JsonAnswer | ToldClaims<JsonAnswer>> {
    // Who reports on an attempt is not always said: what is to be done for some workers alone goes by other routes.
    caller.mustActFor(undefined);
    const { calls } = STORAGE_CALLS.parse(request.body);
    if (calls.length > MOST_CALLS) {
      throw invalidValue('calls', String(calls.length), `must be ${MOST_CALLS} at most`);
    }
    const { results, claims } = await this.calls.carryOut(
      caller,
      calls,
      request.server.load.mostAnswerBytes,
      ({ call: action, needs, namespace, object }, error) =>
        request.server.audit?.part(request, needs, { action, namespace, object }, error),
    );
    const answer = STORAGE_RESULTS.answer(results);
    return claims.length === 0 ? answer : new ToldClaims(answer, this.attempts, claims);
  }

  @Route('GET', 'namespace/:namespace/storage_news', {
    id: 'listenToStorage',
    summary: 'Listen for work that may be claimed',
    needs: 'read',
    description:
      'Server-sent events, for as long as a daemon in front listens: `work`, when claims of units of a work spec, or of any where it names ' +
      'none, may be given some by now. The first comes at once.',
    tag: 'Storage',
    answer: {
      status: 200,
      description: 'Events.',
      type: EVENTS,
      schema: { description: 'Server-sent events, one after another, without an end.' },
      example: 'event: work\ndata: {"work_spec":"crawl","units":3}\n\n',
    },
  })
  listen(caller: CallerHere): LiveAnswer {
    return new LiveAnswer(EVENTS, (answer, cut) => {
      this.news.join(caller.namespace, answer, () => {
        if (answer.writableNeedDrain) cut();
        else if (isPast(caller.identity, Date.now() * MILLISECOND)) answer.end();
        else return true;
        return false;
      });
    });
  }
}
