import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import type { JsonAnswer } from '../../rest/http/answers.js';
import { homeOf, queryOf, workSpecOf } from '../../rest/http/path.js';
import { DEFAULT_LIMIT } from '../../rest/http/window.js';
import { workSpecUrl } from '../../rest/links.js';
import { failuresQuery } from '../../rest/openapi/parameters.js';
import { Route } from '../../rest/openapi/route.js';
import { WorkUnitsService } from '../work-units.service.js';
import { FAILURE_LIST, FAILURE_LIST_EXAMPLE } from './dto/failure.dto.js';

/** Why work fails. */
@Controller()
export class FailuresController {
  constructor(private readonly units: WorkUnitsService) {}

  @Route('GET', 'namespace/:namespace/work_spec/:spec/failures', {
    id: 'listFailures',
    summary: 'List why work units failed',
    needs: 'read',
    description:
      'Lists the causes of the units that are failed now, those of most units first. A query of units that has the id of one as ' +
      'failure selects those units: to list, retry, delete or prioritize them.',
    tag: 'Work units',
    query: failuresQuery(),
    answer: { status: 200, description: 'The causes.', schema: FAILURE_LIST.ref, example: FAILURE_LIST_EXAMPLE },
    errors: [404],
  })
  async list({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const workSpec = workSpecOf(request);
    const specUrl = workSpecUrl(homeOf(request, namespace), workSpec);
    const limit = queryOf(request).limit() ?? DEFAULT_LIMIT;
    const groups = await this.units.stored.failures(namespace, workSpec, limit);
    return FAILURE_LIST.answer(groups.map((group) => ({ group, specUrl })));
  }
}
