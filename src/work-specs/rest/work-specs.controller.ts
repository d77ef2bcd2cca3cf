import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import { NoSuchWorkSpecError } from '../../domain/errors.js';
import { nameBehind } from '../../domain/names.js';
import type { WorkSpec } from '../../domain/work-spec.js';
import { EMPTY_DATA } from '../../domain/data.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { SUMMARY_EXAMPLE, SUMMARY_RECORD } from '../../namespaces/rest/dto/namespace.dto.js';
import { invalidValue } from '../../rest/errors/rest-error.js';
import type { JsonAnswer } from '../../rest/http/answers.js';
import type { NoContent } from '../../rest/http/answers.js';
import { Created } from '../../rest/http/answers.js';
import { dataFormOf, homeOf, queryOf, workSpecOf } from '../../rest/http/path.js';
import { limitOf, nextNamed } from '../../rest/http/window.js';
import { listInWindows } from '../../rest/http/windows.js';
import { encodeTextName, readable, textOfBytes } from '../../rest/names.js';
import { countsQuery, DATA_FORM, NAMED_WINDOW } from '../../rest/openapi/parameters.js';
import { Route } from '../../rest/openapi/route.js';
import { listJson } from '../../rest/schema/representation.js';
import { warningsIn } from '../../rest/schema/body.js';
import { noContent, WARNINGS_IN_HEADER } from '../../rest/schema/warnings.js';
import { META_EXAMPLE, metaOf, NEW_META, WORK_SPEC_META } from './dto/work-spec-meta.dto.js';
import {
  DEFINITION_EXAMPLE,
  NEW_WORK_SPEC,
  SET_WORK_SPEC,
  viewWorkSpec,
  WORK_SPEC,
  WORK_SPEC_EXAMPLE,
  WORK_SPEC_LIST,
  WORK_SPEC_SHORT,
  WORK_UNIT_COUNTS,
} from './dto/work-spec.dto.js';
import { WorkSpecsService } from '../work-specs.service.js';

const SPEC = 'namespace/:namespace/work_spec/:spec';
const SHORT_EXAMPLE = { url: '/namespace/default/work_spec/crawl', name: 'crawl' };

/** The first name that a listing may begin with: the one behind `previous`, bytewise. @throws RestError (400) */
function startOf(request: FastifyRequest): string | undefined {
  const previous = queryOf(request).previous();
  if (previous === undefined) return undefined;
  const text = textOfBytes(previous);
  if (text === undefined) throw invalidValue('previous', readable(previous), 'is not UTF-8');
  return nameBehind(text);
}

@Controller()
export class WorkSpecsController {
  constructor(private readonly specs: WorkSpecsService) {}

  @Route('GET', 'namespace/:namespace/work_spec', {
    id: 'listWorkSpecs',
    summary: 'List the work specs of a namespace',
    needs: 'read',
    tag: 'Work specs',
    query: NAMED_WINDOW,
    answer: {
      status: 200,
      description: 'The work specs, with a link to the rest if there is more; none of a namespace that is not there.',
      schema: WORK_SPEC_LIST.ref,
      example: { work_specs: [SHORT_EXAMPLE] },
    },
  })
  async list({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const home = homeOf(request, namespace);
    const limit = limitOf(request);
    const start = startOf(request);
    return listInWindows<Pick<WorkSpec, 'name'>>({
      key: 'work_specs',
      limit,
      window: (after, most) =>
        this.specs.stored.measure(namespace, { start: after ? nameBehind(after.name) : start, limit: most }),
      json: (spec) => WORK_SPEC_SHORT.json(viewWorkSpec(home, spec)),
      nextUrl: ({ name }) => nextNamed(`${home.url}/work_spec`, encodeTextName(name), limit!),
    });
  }

  @Route('POST', 'namespace/:namespace/work_spec', {
    id: 'setWorkSpec',
    summary: 'Make a work spec',
    needs: 'define',
    description:
      'Makes a work spec, or gives the one of that name a new definition. Makes the namespace. Any key is taken; ' +
      '`warnings` tells of values that are ignored, keys that look mistyped, and what `then` and `runtime` do not find.',
    tag: 'Work specs',
    body: { schema: NEW_WORK_SPEC.ref, example: DEFINITION_EXAMPLE },
    answer: {
      status: 201,
      description: 'The work spec.',
      schema: SET_WORK_SPEC.ref,
      example: SHORT_EXAMPLE,
      location: true,
    },
  })
  async create({ namespace }: CallerHere, request: FastifyRequest): Promise<Created> {
    const { data = EMPTY_DATA } = NEW_WORK_SPEC.parse(request.body);
    const view = viewWorkSpec(homeOf(request, namespace), await this.specs.set(namespace, data));
    const warnings = await this.specs.warnings(namespace, data);
    return new Created(SET_WORK_SPEC.json({ ...view, warnings }), view.url);
  }

  @Route('GET', SPEC, {
    id: 'getWorkSpec',
    summary: 'Get a work spec',
    needs: 'read',
    tag: 'Work specs',
    query: [DATA_FORM],
    answer: { status: 200, description: 'The work spec.', schema: WORK_SPEC.ref, example: WORK_SPEC_EXAMPLE },
    errors: [404],
  })
  async get({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const form = dataFormOf(request);
    const view = viewWorkSpec(homeOf(request, namespace), await this.find(namespace, request));
    return WORK_SPEC.answer({ ...view, form });
  }

  @Route('PUT', SPEC, {
    id: 'redefineWorkSpec',
    summary: 'Give a work spec a new definition',
    needs: 'define',
    description: 'Every control value is set anew from the definition, but next_continuous. The name must stay.',
    tag: 'Work specs',
    body: { schema: NEW_WORK_SPEC.ref, example: DEFINITION_EXAMPLE },
    answer: 204,
    headers: WARNINGS_IN_HEADER,
    errors: [404],
  })
  async redefine({ namespace }: CallerHere, request: FastifyRequest): Promise<NoContent | undefined> {
    const { data } = NEW_WORK_SPEC.parse(request.body);
    const { name } = await this.find(namespace, request);
    if (data === undefined) return undefined;
    await this.specs.redefine(namespace, name, data);
    const warnings = await this.specs.warnings(namespace, data);
    return noContent(warnings);
  }

  @Route('DELETE', SPEC, {
    id: 'deleteWorkSpec',
    summary: 'Delete a work spec and its work units',
    needs: 'admin',
    tag: 'Work specs',
    answer: 204,
    errors: [404],
  })
  async delete({ namespace }: CallerHere, request: FastifyRequest): Promise<void> {
    const workSpec = workSpecOf(request);
    if (!(await this.specs.stored.delete(namespace, workSpec))) throw new NoSuchWorkSpecError(workSpec);
  }

  @Route('GET', `${SPEC}/counts`, {
    id: 'countWorkUnits',
    summary: 'Count the work units of a work spec by status',
    needs: 'read',
    tag: 'Work specs',
    answer: {
      status: 200,
      description: 'The counts at this moment.',
      schema: WORK_UNIT_COUNTS.ref,
      example: { available: 3, finished: 1 },
    },
    errors: [404],
  })
  async counts({ namespace }: CallerHere, request: FastifyRequest): Promise<string> {
    return WORK_UNIT_COUNTS.json(await this.specs.stored.counts(namespace, workSpecOf(request)));
  }

  @Route('GET', `${SPEC}/summary`, {
    id: 'getWorkSpecSummary',
    summary: 'Count the work units of a work spec by status, as a list',
    needs: 'read',
    tag: 'Work specs',
    answer: {
      status: 200,
      description: 'Counts at this moment; those of zero are left out.',
      schema: { type: 'array', items: SUMMARY_RECORD.ref },
      example: SUMMARY_EXAMPLE,
    },
    errors: [404],
  })
  async summary({ namespace }: CallerHere, request: FastifyRequest): Promise<string> {
    const workSpec = workSpecOf(request);
    const counts = await this.specs.stored.counts(namespace, workSpec);
    const records = WORK_UNIT_STATUSES.map((status) => ({ namespace, workSpec, status, count: counts[status] }));
    const present = records.filter(({ count }) => count > 0);
    return listJson(present, SUMMARY_RECORD.json);
  }

  @Route('GET', `${SPEC}/meta`, {
    id: 'getWorkSpecMeta',
    summary: 'Get the control values of a work spec',
    needs: 'read',
    tag: 'Work specs',
    query: countsQuery(),
    answer: {
      status: 200,
      description: 'The control values.',
      schema: WORK_SPEC_META.ref,
      example: {
        ...META_EXAMPLE,
        continuous: false,
        can_be_continuous: false,
        min_memory_gb: 0,
        interval: 0,
        next_continuous: '0001-01-01T00:00:00Z',
        max_attempts_returned: 0,
        max_retries: 0,
        next_work_spec_name: 'extract',
        available_count: 0,
        pending_count: 0,
        runtime: '',
      },
    },
    errors: [404],
  })
  async meta({ namespace }: CallerHere, request: FastifyRequest): Promise<string> {
    const withCounts = queryOf(request).boolean('counts') ?? false;
    return WORK_SPEC_META.json(await this.specs.stored.meta(namespace, workSpecOf(request), withCounts));
  }

  @Route('PUT', `${SPEC}/meta`, {
    id: 'setWorkSpecMeta',
    summary: 'Set all control values of a work spec',
    needs: 'admin',
    tag: 'Work specs',
    query: countsQuery(),
    body: { schema: NEW_META.ref, example: META_EXAMPLE },
    answer: 204,
    headers: WARNINGS_IN_HEADER,
    errors: [404],
  })
  async setMeta({ namespace }: CallerHere, request: FastifyRequest): Promise<NoContent | undefined> {
    const body = NEW_META.parse(request.body);
    await this.specs.stored.changeMeta(namespace, workSpecOf(request), metaOf(body));
    return noContent(warningsIn(body));
  }

  private async find(namespace: string, request: FastifyRequest): Promise<WorkSpec> {
    const workSpec = workSpecOf(request);
    const found = await this.specs.stored.find(namespace, workSpec);
    if (!found) throw new NoSuchWorkSpecError(workSpec);
    return found;
  }
}
