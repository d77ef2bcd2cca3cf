import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import type { JsonAnswer } from '../../rest/http/answers.js';
import { homeOf, workSpecOf, workUnitOf } from '../../rest/http/path.js';
import { numberedWindowOf } from '../../rest/http/window.js';
import { workSpecUrl, workUnitUrl } from '../../rest/links.js';
import { NUMBERED_WINDOW } from '../../rest/openapi/parameters.js';
import { Route } from '../../rest/openapi/route.js';
import { WorkUnitsService } from '../../work-units/work-units.service.js';
import { ATTEMPT_LIST, ATTEMPT_LIST_EXAMPLE } from './dto/attempt.dto.js';
import { listAttempts } from './dto/attempt-listing.js';

const UNIT = 'namespace/:namespace/work_spec/:spec/work_unit/:unit';

/** The attempts at a work unit. */
@Controller()
export class UnitAttemptsController {
  constructor(private readonly units: WorkUnitsService) {}

  @Route('GET', `${UNIT}/attempts`, {
    id: 'listWorkUnitAttempts',
    summary: 'List the attempts at a work unit',
    needs: 'read',
    tag: 'Work units',
    query: NUMBERED_WINDOW,
    answer: {
      status: 200,
      description: 'The attempts, oldest first, with a link to the rest if there is more.',
      schema: ATTEMPT_LIST.ref,
      example: ATTEMPT_LIST_EXAMPLE,
    },
    errors: [404],
  })
  async attempts({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const home = homeOf(request, namespace);
    const workSpec = workSpecOf(request);
    const workUnit = workUnitOf(request);
    const window = numberedWindowOf(request);
    const attempts = await this.units.stored.history(namespace, workSpec, workUnit, window.after);
    const url = `${workUnitUrl(workSpecUrl(home, workSpec), workUnit)}/attempts`;
    return listAttempts(home, attempts, url, window);
  }

  @Route('GET', `${UNIT}/num-attempts`, {
    id: 'countWorkUnitAttempts',
    summary: 'Count the attempts at a work unit',
    needs: 'read',
    tag: 'Work units',
    answer: {
      status: 200,
      description: 'The number.',
      schema: { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      example: 2,
    },
    errors: [404],
  })
  async numAttempts({ namespace }: CallerHere, request: FastifyRequest): Promise<string> {
    return String(await this.units.stored.numAttempts(namespace, workSpecOf(request), workUnitOf(request)));
  }
}
