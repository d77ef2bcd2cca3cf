import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import { Created } from '../../rest/http/answers.js';
import { homeOf, workSpecOf } from '../../rest/http/path.js';
import { workSpecUrl, workUnitUrl } from '../../rest/links.js';
import { Route } from '../../rest/openapi/route.js';
import { WORK_UNIT_SHORT } from '../../work-units/rest/dto/work-unit.dto.js';
import { SchedulesService } from '../schedules.service.js';

const RUN = '2026-11-27T02:13:45.123Z';

@Controller()
export class SchedulesController {
  constructor(private readonly schedules: SchedulesService) {}

  @Route('POST', 'namespace/:namespace/work_spec/:spec/schedule/run', {
    id: 'runSchedule',
    summary: 'Run a schedule now',
    needs: 'submit',
    description:
      'Makes a unit as a slot of the schedule does, named by this moment, whatever there is still to be done. The slots come as they would have.',
    tag: 'Work specs',
    answer: {
      status: 201,
      description: 'The unit.',
      schema: WORK_UNIT_SHORT.ref,
      example: { url: `/namespace/default/work_spec/crawl/work_unit/${RUN}`, name: RUN },
      location: true,
    },
    errors: [404, 409],
  })
  async run({ namespace }: CallerHere, request: FastifyRequest): Promise<Created> {
    const workSpec = workSpecOf(request);
    const name = await this.schedules.runNow(namespace, workSpec);
    const url = workUnitUrl(workSpecUrl(homeOf(request, namespace), workSpec), name);
    return new Created(WORK_UNIT_SHORT.json({ url, name }), url);
  }
}
