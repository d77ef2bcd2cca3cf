import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import type { WorkerSummary } from '../../domain/worker.js';
import { RestError } from '../../rest/errors/rest-error.js';
import type { JsonAnswer } from '../../rest/http/answers.js';
import { dataFormOf, homeOf, queryOf, workerOf } from '../../rest/http/path.js';
import { DEFAULT_LIMIT } from '../../rest/http/window.js';
import { listInWindows } from '../../rest/http/windows.js';
import { encodeByteName } from '../../rest/names.js';
import { DATA_FORM, workerQuery } from '../../rest/openapi/parameters.js';
import { Route } from '../../rest/openapi/route.js';
import { WORKER, WORKER_EXAMPLE, WORKER_LIST, WORKER_SHORT, WORKER_UPDATE, workerChangeOf } from './dto/worker.dto.js';
import { readClaimPlace, readSort, writeClaimPlace } from './dto/worker-query.dto.js';
import { WorkersService } from '../workers.service.js';

const WORKER_PATH = 'namespace/:namespace/worker/:worker';

@Controller()
export class WorkersController {
  constructor(private readonly workers: WorkersService) {}

  @Route('GET', 'namespace/:namespace/worker', {
    id: 'listWorkers',
    summary: 'List the workers of a namespace',
    needs: 'read',
    description:
      `Lists workers bytewise by name, at most ${DEFAULT_LIMIT} unless a limit is given. With active=true&sort=last_claim those come ` +
      'first that live but have been given nothing for longest.',
    tag: 'Workers',
    query: workerQuery(),
    answer: {
      status: 200,
      description: 'The workers, with a link to the rest if there is more.',
      schema: WORKER_LIST.ref,
      example: {
        workers: [
          {
            url: '/namespace/default/worker/worker-1',
            name: 'worker-1',
            active: true,
            parent: 'parent-1',
            parent_url: '/namespace/default/worker/parent-1',
            mode: 'run',
            host: 'node-7',
            last_update: '2026-01-02T03:04:05.678901Z',
            finished_last_hour: 120,
            work_units: 3,
          },
        ],
      },
    },
  })
  async list({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const home = homeOf(request, namespace);
    const query = queryOf(request);
    const active = query.boolean('active') ?? false;
    const limit = query.limit() ?? DEFAULT_LIMIT;
    const byClaim = readSort(query);
    const place = readClaimPlace(query, byClaim);
    const next = `${home.url}/worker?${active ? 'active=true&' : ''}`;
    const { stored } = this.workers;
    return listInWindows<WorkerSummary>({
      key: 'workers',
      limit,
      window: (after, most) =>
        byClaim
          ? stored.list(namespace, { active, limit: most, held: true, byClaim, after: after ?? place })
          : stored.list(namespace, { active, previous: after?.name ?? query.previous(), limit: most, held: true }),
      json: (worker) => WORKER_SHORT.json({ home, worker }),
      nextUrl: (last) =>
        byClaim
          ? `${next}sort=last_claim&next=${writeClaimPlace(last)}&limit=${limit}`
          : `${next}previous=${encodeByteName(last.name)}&limit=${limit}`,
    });
  }

  @Route('GET', WORKER_PATH, {
    id: 'getWorker',
    summary: 'Get a worker',
    needs: { right: 'read', where: 'here', toMake: 'work' },
    description: 'Gets a worker; makes it if it is not there.',
    tag: 'Workers',
    query: [DATA_FORM],
    answer: { status: 200, description: 'The worker.', schema: WORKER.ref, example: WORKER_EXAMPLE },
    errors: [404],
  })
  async get(caller: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const { namespace } = caller;
    const form = dataFormOf(request);
    const name = workerOf(request);
    const worker =
      caller.mayHere('work') && caller.actsFor(name)
        ? await this.workers.ensure(namespace, name)
        : await this.workers.stored.find(namespace, name);
    if (!worker) throw new RestError(404, 'there is no such worker');
    return WORKER.answer({ home: homeOf(request, namespace), worker, form });
  }

  @Route('PUT', WORKER_PATH, {
    id: 'updateWorker',
    summary: 'Change a worker',
    needs: 'work',
    description: 'Sets its parent, records a sign of life, or deactivates it. Makes it if it is not there.',
    tag: 'Workers',
    body: { schema: WORKER_UPDATE.ref, example: { active: true, mode: 'run', data: { host: 'node-7' } } },
    answer: 204,
  })
  async update(caller: CallerHere, request: FastifyRequest): Promise<void> {
    const name = workerOf(request);
    const change = workerChangeOf(WORKER_UPDATE.parse(request.body));
    if (change.parent) caller.mustActFor(change.parent);
    await this.workers.change(caller.namespace, name, change);
  }
}
