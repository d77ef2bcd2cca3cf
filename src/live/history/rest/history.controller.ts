import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../../access/caller.js';
import type { HistorySpan, HistoryWindow } from '../../../domain/history.js';
import { invalidValue } from '../../../rest/errors/rest-error.js';
import type { JsonAnswer } from '../../../rest/http/answers.js';
import { homeOf, workSpecOf } from '../../../rest/http/path.js';
import { workSpecUrl } from '../../../rest/links.js';
import { historyQuery } from '../../../rest/openapi/parameters.js';
import { Route } from '../../../rest/openapi/route.js';
import { HistoryService } from '../history.service.js';
import { HISTORY, HISTORY_EXAMPLE } from './dto/history.dto.js';
import { windowIn } from './history-query.js';

/** So many steps are told at once. */
const MOST_STEPS = 10_000;

const answer = {
  status: 200,
  description: 'What happened, oldest first; spans in which nothing did are left out.',
  schema: HISTORY.ref,
  example: HISTORY_EXAMPLE,
} as const;

const ABOUT =
  'By the minute for 48 hours, by the hour for 60 days; whatever becomes of the work units meanwhile. ' +
  'What other daemons did on the same storage may be some seconds late.';

@Controller()
export class HistoryController {
  constructor(private readonly history: HistoryService) {}

  @Route('GET', 'namespace/:namespace/work_spec/:spec/history', {
    id: 'getWorkSpecHistory',
    summary: 'Ask what happened to the work of a work spec, and when',
    needs: 'read',
    description: ABOUT,
    tag: 'Work specs',
    query: historyQuery(),
    answer,
    errors: [404],
  })
  async ofSpec({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const workSpec = workSpecOf(request);
    const url = `${workSpecUrl(homeOf(request, namespace), workSpec)}/history`;
    return this.answer(url, request, (window) => this.history.stored.ofSpec(namespace, workSpec, window));
  }

  @Route('GET', 'namespace/:namespace/history', {
    id: 'getNamespaceHistory',
    summary: 'Ask what happened to the work of a namespace, and when',
    needs: 'read',
    description: `${ABOUT} Of work specs that have been deleted it tells nothing.`,
    tag: 'Namespaces',
    query: historyQuery(),
    answer,
  })
  async ofNamespace({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const url = `${homeOf(request, namespace).url}/history`;
    return this.answer(url, request, (window) => this.history.stored.ofNamespace(namespace, window));
  }

  private async answer(
    url: string,
    request: FastifyRequest,
    read: (window: HistoryWindow) => HistorySpan[] | Promise<HistorySpan[]>,
  ): Promise<JsonAnswer> {
    const window = await this.history.windowOf(windowIn(request));
    const steps = (window.to - window.from) / window.step;
    if (steps > MOST_STEPS) {
      throw invalidValue('step', String(window.step * 1000), `makes ${steps} steps, more than ${MOST_STEPS}`);
    }
    return HISTORY.answer({ url, window, spans: await read(window) });
  }
}
