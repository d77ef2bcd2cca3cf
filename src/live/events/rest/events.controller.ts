import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../../access/caller.js';
import { LiveAnswer } from '../../../rest/http/answers.js';
import { homeOf, workerOf } from '../../../rest/http/path.js';
import { Route } from '../../../rest/openapi/route.js';
import { EVENTS_EXAMPLE, WORKER_EVENTS_EXAMPLE } from './dto/events.dto.js';
import { EventHub } from './event-hub.js';
import { WorkerEventHub } from './worker-event-hub.js';
import { EventStream } from './event-stream.js';

const TYPE = 'text/event-stream';

@Controller()
export class EventsController {
  constructor(
    private readonly hub: EventHub,
    private readonly workers: WorkerEventHub,
  ) {}

  @Route('GET', 'namespace/:namespace/worker/:worker/events', {
    id: 'listenToWorker',
    summary: 'Listen to what becomes of the attempts of a worker',
    needs: 'work',
    description:
      'Server-sent events, for as long as the worker listens: `cancelled`, at once, for each of its attempts that is stopped by somebody ' +
      'else. Who begins to listen is told of those that were stopped in the last 15 minutes, which may be known already.',
    tag: 'Workers',
    answer: {
      status: 200,
      description: 'Events.',
      type: TYPE,
      schema: { description: 'Server-sent events, one after another, without an end.' },
      example: WORKER_EVENTS_EXAMPLE,
    },
  })
  listenAsWorker(caller: CallerHere, request: FastifyRequest): LiveAnswer {
    const home = homeOf(request, caller.namespace);
    const worker = workerOf(request);
    return new LiveAnswer(TYPE, (answer, cut) => {
      this.workers.join(home, worker, answer, new EventStream(answer, cut, caller, undefined));
    });
  }

  @Route('GET', 'namespace/:namespace/events', {
    id: 'listenToNamespace',
    summary: 'Listen to what happens in a namespace',
    needs: 'read',
    description:
      'Server-sent events, for as long as the client listens, at most once a second. `overview` has the work specs of which something ' +
      'changed, as in the overview, and the names of those that are `gone`; the first one is `complete`. `spec` tells that one was made, ' +
      'changed or deleted; `drained`, that one came to rest, with no unit left that is available, delayed or pending; `worker`, that one is ' +
      'active or no longer is; `failure`, that a unit failed. A client that comes back with ' +
      'Last-Event-ID is told what it missed, or how everything stands.',
    tag: 'Namespaces',
    answer: {
      status: 200,
      description: 'Events.',
      type: TYPE,
      // A text as a whole for those who read one, an object for those who read event by event.
      schema: { description: 'Server-sent events, one after another, without an end.' },
      example: EVENTS_EXAMPLE,
    },
  })
  listen(caller: CallerHere, request: FastifyRequest): LiveAnswer {
    const home = homeOf(request, caller.namespace);
    const lastId = request.headers['last-event-id'];
    return new LiveAnswer(TYPE, (answer, cut) => {
      const stream = new EventStream(answer, cut, caller, typeof lastId === 'string' ? lastId : undefined);
      this.hub.join(home, answer, stream);
    });
  }
}
