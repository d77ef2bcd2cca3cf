import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import type { AttemptRef, WorkerAction } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { DEFAULT_LIFETIME } from '../../domain/time.js';
import type { JsonAnswer, NoContent } from '../../rest/http/answers.js';
import { dataFormOf, homeOf, startOf, workerOf, workSpecOf, workUnitOf } from '../../rest/http/path.js';
import { DATA_FORM } from '../../rest/openapi/parameters.js';
import type { RouteDescription } from '../../rest/openapi/route.js';
import { Route } from '../../rest/openapi/route.js';
import { warningsIn } from '../../rest/schema/body.js';
import { noContent, WARNINGS_IN_HEADER } from '../../rest/schema/warnings.js';
import { ATTEMPT, ATTEMPT_EXAMPLE, viewAttempt } from './dto/attempt.dto.js';
import { ATTEMPT_COMPLETION } from './dto/attempt-request.dto.js';
import { CANCELLATION } from '../../work-units/rest/dto/cancellation.dto.js';
import { AttemptsService } from '../attempts.service.js';

const PATH = 'namespace/:namespace/work_spec/:spec/work_unit/:unit/attempt/:worker/:start';

function action(id: string, summary: string, example: Record<string, unknown>): RouteDescription {
  return {
    id,
    summary,
    needs: 'work',
    tag: 'Attempts',
    body: { schema: ATTEMPT_COMPLETION.ref, example, optional: true },
    answer: 204,
    errors: [404, 409, 410],
  };
}

/** Single attempts. Nothing here creates anything. */
@Controller()
export class AttemptsController {
  constructor(private readonly attempts: AttemptsService) {}

  @Route('GET', PATH, {
    id: 'getAttempt',
    summary: 'Get an attempt',
    needs: 'read',
    tag: 'Attempts',
    query: [DATA_FORM],
    answer: { status: 200, description: 'The attempt.', schema: ATTEMPT.ref, example: ATTEMPT_EXAMPLE },
    errors: [404, 410],
  })
  async get({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const attempt = await this.attempts.stored.get(namespace, await this.refOf(namespace, request));
    return ATTEMPT.answer(viewAttempt(homeOf(request, namespace), attempt, dataFormOf(request)));
  }

  @Route('POST', `${PATH}/renew`, action('renewAttempt', 'Go on with an attempt', { extend_duration: 900000000000 }))
  renew(caller: CallerHere, request: FastifyRequest): Promise<void> {
    return this.change(caller, request, 'renew');
  }

  @Route('POST', `${PATH}/expire`, action('expireAttempt', 'Give the unit of an attempt back', {}))
  expire(caller: CallerHere, request: FastifyRequest): Promise<void> {
    return this.change(caller, request, 'expire');
  }

  @Route('POST', `${PATH}/finish`, action('finishAttempt', 'Finish an attempt', { data: { output: ['next'] } }))
  finish(caller: CallerHere, request: FastifyRequest): Promise<void> {
    return this.change(caller, request, 'finish');
  }

  @Route('POST', `${PATH}/fail`, action('failAttempt', 'Fail an attempt', { data: { traceback: 'no such page' } }))
  fail(caller: CallerHere, request: FastifyRequest): Promise<void> {
    return this.change(caller, request, 'fail');
  }

  @Route(
    'POST',
    `${PATH}/retry`,
    action('retryAttempt', 'Have the unit of an attempt tried again', { delay: 60000000000 }),
  )
  retry(caller: CallerHere, request: FastifyRequest): Promise<void> {
    return this.change(caller, request, 'retry');
  }

  @Route('POST', `${PATH}/cancel`, {
    id: 'cancelAttempt',
    summary: 'Stop an attempt',
    needs: 'submit',
    description:
      'Ends an attempt for good: it reads failed, and cancelled, and so does its unit, with the cause `cancelled: REASON`; with ' +
      'release it reads retryable, and its unit is given back. Whatever its worker says of it afterwards is refused. Cancelling it ' +
      'again changes nothing.',
    tag: 'Attempts',
    body: { schema: CANCELLATION.ref, example: { reason: 'the input was wrong' }, optional: true },
    answer: 204,
    headers: WARNINGS_IN_HEADER,
    errors: [404, 409, 410],
  })
  async cancel(caller: CallerHere, request: FastifyRequest): Promise<NoContent | undefined> {
    const { namespace } = caller;
    const body = CANCELLATION.parse(request.body, 'ok');
    const ref = await this.refOf(namespace, request);
    caller.mustActFor(ref.worker);
    const action = body.release === true ? 'recall' : 'cancel';
    await this.attempts.stored.change(namespace, { ref, action, cause: body.reason });
    return noContent(warningsIn(body));
  }

  private async change({ namespace }: CallerHere, request: FastifyRequest, action: WorkerAction): Promise<void> {
    const body = ATTEMPT_COMPLETION.parse(request.body, 'ok');
    const { data, extend_duration: duration = DEFAULT_LIFETIME, delay = 0, cause, final } = body;
    const ref = await this.refOf(namespace, request);
    await this.attempts.stored.change(namespace, { ref, action, data, duration, delay, cause, final });
  }

  private refOf(namespace: string, request: FastifyRequest): Awaitable<AttemptRef> {
    const place = { workSpec: workSpecOf(request), workUnit: workUnitOf(request), worker: workerOf(request) };
    return this.attempts.refOf(namespace, place, startOf(request));
  }
}
