import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../../access/caller.js';
import type { SpecOverview } from '../../../domain/overview.js';
import type { JsonAnswer } from '../../../rest/http/answers.js';
import { homeOf } from '../../../rest/http/path.js';
import { Route } from '../../../rest/openapi/route.js';
import { viewed } from '../../../rest/schema/representation.js';
import { OverviewService } from '../overview.service.js';
import { OVERVIEW, OVERVIEW_EXAMPLE, viewSpecOverview } from './dto/overview.dto.js';

/** About what a name takes. */
const NAME_BYTES = 64;

@Controller()
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Route('GET', 'namespace/:namespace/overview', {
    id: 'getNamespaceOverview',
    summary: 'Ask how the work of a namespace stands and how it is getting on',
    needs: 'read',
    description:
      'All work specs in one answer: how many units are in which status, who is on them, how fast it goes and when it may be ' +
      'done. It takes as long for millions of units as for a few.',
    tag: 'Namespaces',
    answer: { status: 200, description: 'The work specs, by name.', schema: OVERVIEW.ref, example: OVERVIEW_EXAMPLE },
  })
  async get({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const home = homeOf(request, namespace);
    const { now, specs } = await this.overview.stored.read(namespace);
    return OVERVIEW.answer({
      url: `${home.url}/overview`,
      now,
      specs: viewed(specs, (spec) => viewSpecOverview(home, spec, now), namesBytes),
    });
  }
}

/** About what the names of others take that a work spec tells of. */
function namesBytes({ waitingFor, meta }: SpecOverview): number {
  return (waitingFor.length + (meta.flow?.after?.length ?? 0)) * NAME_BYTES;
}
