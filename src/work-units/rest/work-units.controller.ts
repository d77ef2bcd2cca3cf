import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import type { ByteName } from '../../domain/names.js';
import type { NewWorkUnit, WorkUnitQuery } from '../../domain/work-unit.js';
import { MOST_LOOKS } from '../../domain/work-unit.js';
import type { JsonAnswer, NoContent } from '../../rest/http/answers.js';
import { Slices } from '../../timing/slices.js';
import { Created } from '../../rest/http/answers.js';
import { dataFormOf, homeOf, queryOf, workSpecOf, workUnitOf } from '../../rest/http/path.js';
import { listInWindows, windowsOf } from '../../rest/http/windows.js';
import { workSpecUrl, workUnitUrl } from '../../rest/links.js';
import { DATA_FORM, INCLUDES, unitCountQuery, unitListQuery, unitQuery } from '../../rest/openapi/parameters.js';
import { DEFAULT_LIMIT, limitOf } from '../../rest/http/window.js';
import { Route } from '../../rest/openapi/route.js';
import { warningsIn } from '../../rest/schema/body.js';
import { noContent, WARNINGS_IN_HEADER } from '../../rest/schema/warnings.js';
import {
  ADDED_WORK_UNIT,
  ADDED_WORK_UNITS,
  CANCELLED,
  DELETED,
  linkUnits,
  NEW_WORK_UNIT,
  NEW_WORK_UNITS,
  newWorkUnitOf,
  PRIORITY_CHANGE,
  RETRIED,
  SHORT_EXAMPLE,
  WORK_UNIT,
  WORK_UNIT_CHANGE,
  WORK_UNIT_EXAMPLE,
  WORK_UNIT_SHORT,
} from './dto/work-unit.dto.js';
import { CANCELLATION } from './dto/cancellation.dto.js';
import type { ListedUnit } from './dto/work-unit-list.dto.js';
import { WORK_UNIT_LIST, WORK_UNIT_LIST_EXAMPLE } from './dto/work-unit-list.dto.js';
import { SELECTED_COUNTS } from './dto/selected-counts.dto.js';
import { readPage } from './dto/work-unit-page.js';
import { nextQuery, readCancelStatuses, readRetryStatuses, readUnitQuery } from './dto/work-unit-query.dto.js';
import { WorkUnitsService } from '../work-units.service.js';

const SPEC = 'namespace/:namespace/work_spec/:spec';
const UNIT = `${SPEC}/work_unit/:unit`;
const NEW_EXAMPLE = { name: 'u1', data: { page: 1 }, meta: { priority: 0 } };

@Controller()
export class WorkUnitsController {
  constructor(private readonly units: WorkUnitsService) {}

  @Route('GET', `${SPEC}/work_unit`, {
    id: 'listWorkUnits',
    summary: 'List work units',
    needs: 'read',
    description:
      'Lists the units that the query selects, bytewise by name. With status=pending&include=attempt it says who does ' +
      'what, with status=failed&include=attempt what failed and why. With contains it says how many names it has looked at.',
    tag: 'Work units',
    query: unitListQuery(),
    answer: {
      status: 200,
      description: 'The units, with a link to the rest if there is more.',
      schema: WORK_UNIT_LIST.ref,
      example: WORK_UNIT_LIST_EXAMPLE,
    },
    errors: [404],
  })
  async list({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const home = homeOf(request, namespace);
    const workSpec = workSpecOf(request);
    const specUrl = workSpecUrl(home, workSpec);
    const include = queryOf(request).words('include', INCLUDES);
    const form = dataFormOf(request);
    const query = await this.query(namespace, request);
    const limit = limitOf(request) ?? (include.size > 0 ? DEFAULT_LIMIT : undefined);
    const next = (last: ByteName): string =>
      `${specUrl}/work_unit?${nextQuery(queryOf(request), last, limit ?? DEFAULT_LIMIT)}`;
    const { stored } = this.units;
    const found =
      query.contains === undefined
        ? undefined
        : await stored.search(namespace, workSpec, { ...query, limit: limit ?? DEFAULT_LIMIT });
    if (include.size > 0) {
      const { units, moreBehind = found?.lookedTo } = await readPage(
        found ? { ...query, names: found.names, limit: limit! } : { ...query, limit: limit! },
        {
          measure: (asked) => stored.measure(namespace, workSpec, asked),
          list: (asked) => stored.list(namespace, workSpec, asked),
        },
      );
      return WORK_UNIT_LIST.answer({
        units: units.map((unit): ListedUnit => {
          return { url: workUnitUrl(specUrl, unit.name), name: unit.name, home, include, unit, form };
        }),
        nextUrl: moreBehind === undefined ? undefined : next(moreBehind),
        search: found,
      });
    }
    if (found) {
      const { names, lookedTo } = found;
      return WORK_UNIT_LIST.answer({
        units: names.map((name): ListedUnit => ({ url: workUnitUrl(specUrl, name), name, home, include, form })),
        nextUrl: lookedTo === undefined ? undefined : next(lookedTo),
        search: found,
      });
    }
    const ask = (asked: WorkUnitQuery) => stored.listNames(namespace, workSpec, asked);
    // All that the query names are looked up at once.
    const named = query.names && (await ask({ ...query, limit: limit && limit + 1 }));
    return listInWindows<ByteName>({
      key: 'work_units',
      limit,
      window: named
        ? windowsOf(named)
        : (after = query.previous, most) => ask({ ...query, previous: after, limit: most }),
      json: (name) => WORK_UNIT_SHORT.json({ url: workUnitUrl(specUrl, name), name }),
      nextUrl: next,
    });
  }

  @Route('GET', `${SPEC}/work_unit_counts`, {
    id: 'countSelectedWorkUnits',
    summary: 'Count the work units that a query selects',
    needs: 'read',
    description:
      'Counts them by status. Of all units, of those of some statuses and of those of a cause it has the counts at once; else it looks ' +
      `at the units, ${MOST_LOOKS} of them at most: its next_url counts those behind the last one.`,
    tag: 'Work units',
    query: unitCountQuery(),
    answer: {
      status: 200,
      description: 'The counts, with a link to the rest if there is more.',
      schema: SELECTED_COUNTS.ref,
      example: { counts: { available: 3 }, looked_at: 5 },
    },
    errors: [404],
  })
  async count({ namespace }: CallerHere, request: FastifyRequest): Promise<string> {
    const workSpec = workSpecOf(request);
    const counted = await this.units.count(namespace, workSpec, await this.query(namespace, request));
    const { lookedTo } = counted;
    const path = `${workSpecUrl(homeOf(request, namespace), workSpec)}/work_unit_counts`;
    return SELECTED_COUNTS.json({
      ...counted,
      nextUrl: lookedTo === undefined ? undefined : `${path}?${nextQuery(queryOf(request), lookedTo)}`,
    });
  }

  @Route('POST', `${SPEC}/work_unit`, {
    id: 'addWorkUnit',
    summary: 'Add a work unit',
    needs: 'submit',
    description: 'Adds a unit, or replaces data and meta of the one of that name.',
    tag: 'Work units',
    body: { schema: NEW_WORK_UNIT.ref, example: NEW_EXAMPLE },
    answer: {
      status: 201,
      description: 'The unit.',
      schema: ADDED_WORK_UNIT.ref,
      example: SHORT_EXAMPLE,
      location: true,
    },
    errors: [404],
  })
  async create({ namespace }: CallerHere, request: FastifyRequest): Promise<Created> {
    const workSpec = workSpecOf(request);
    const body = NEW_WORK_UNIT.parse(request.body);
    const unit = newWorkUnitOf(body);
    await this.units.add(namespace, workSpec, [unit]);
    const [short] = linkUnits(workSpecUrl(homeOf(request, namespace), workSpec), [unit]);
    return new Created(ADDED_WORK_UNIT.json({ ...short, warnings: warningsIn(body) }), short.url);
  }

  @Route('POST', `${SPEC}/add`, {
    id: 'addWorkUnits',
    summary: 'Add many work units',
    needs: 'submit',
    description: 'Adds units as addWorkUnit does, all or none; an error names the item.',
    tag: 'Work units',
    body: { schema: NEW_WORK_UNITS.ref, example: { work_units: [NEW_EXAMPLE, { name: 'u2' }] } },
    answer: {
      status: 201,
      description: 'The units, in the order given.',
      schema: ADDED_WORK_UNITS.ref,
      example: { work_units: [SHORT_EXAMPLE] },
    },
    errors: [404],
  })
  async addMany({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const workSpec = workSpecOf(request);
    const body = NEW_WORK_UNITS.parse(request.body);
    const { work_units } = body;
    const units: NewWorkUnit[] & { encodedBytes?: number } = [];
    const slices = new Slices();
    // Counted here, in slices: whoever stores hundreds of thousands of them would have to do it in one go.
    let encodedBytes = 0;
    for (const asked of work_units) {
      const unit = newWorkUnitOf(asked, `work_units[${units.length}].name`);
      encodedBytes += unit.name.length + unit.data.length;
      units.push(unit);
      if (slices.isOver()) await slices.next();
    }
    units.encodedBytes = encodedBytes;
    await this.units.add(namespace, workSpec, units);
    const added = linkUnits(workSpecUrl(homeOf(request, namespace), workSpec), units);
    return ADDED_WORK_UNITS.answer({ units: added, warnings: warningsIn(body) });
  }

  @Route('DELETE', `${SPEC}/work_unit`, {
    id: 'deleteWorkUnits',
    summary: 'Delete work units',
    needs: 'submit',
    description: 'Deletes the units that the query selects, and their attempts.',
    tag: 'Work units',
    query: unitQuery(),
    answer: { status: 200, description: 'How many.', schema: DELETED.ref, example: { Deleted: 3 } },
    errors: [404],
  })
  async delete({ namespace }: CallerHere, request: FastifyRequest): Promise<string> {
    const query = await this.query(namespace, request);
    return DELETED.json(await this.units.stored.delete(namespace, workSpecOf(request), query));
  }

  @Route('POST', `${SPEC}/change`, {
    id: 'setWorkUnitPriorities',
    summary: 'Set the priority of work units',
    needs: 'submit',
    tag: 'Work units',
    query: unitQuery(),
    body: { schema: PRIORITY_CHANGE.ref, example: { meta: { priority: 10 } }, optional: true },
    answer: 204,
    headers: WARNINGS_IN_HEADER,
    errors: [404],
  })
  async setPriorities(caller: CallerHere, request: FastifyRequest): Promise<NoContent | undefined> {
    return await this.prioritize(caller, request, (priority) => ({ to: priority }));
  }

  @Route('POST', `${SPEC}/adjust`, {
    id: 'adjustWorkUnitPriorities',
    summary: 'Add to the priority of work units',
    needs: 'submit',
    tag: 'Work units',
    query: unitQuery(),
    body: { schema: PRIORITY_CHANGE.ref, example: { meta: { priority: -1 } }, optional: true },
    answer: 204,
    headers: WARNINGS_IN_HEADER,
    errors: [404],
  })
  async adjustPriorities(caller: CallerHere, request: FastifyRequest): Promise<NoContent | undefined> {
    return await this.prioritize(caller, request, (priority) => ({ by: priority }));
  }

  @Route('POST', `${SPEC}/retry`, {
    id: 'retryWorkUnits',
    summary: 'Give failed work units another try',
    needs: 'submit',
    description: 'Clears the failed units that the query selects; with status=finished the finished ones.',
    tag: 'Work units',
    query: unitQuery(['failed', 'finished']),
    answer: { status: 200, description: 'How many.', schema: RETRIED.ref, example: { Retried: 3 } },
    errors: [404],
  })
  async retry({ namespace }: CallerHere, request: FastifyRequest): Promise<string> {
    const statuses = readRetryStatuses(queryOf(request));
    const query = await this.query(namespace, request);
    return RETRIED.json(await this.units.stored.clear(namespace, workSpecOf(request), { ...query, statuses }));
  }

  @Route('POST', `${SPEC}/cancel`, {
    id: 'cancelWorkUnits',
    summary: 'Stop what runs',
    needs: 'submit',
    description:
      'Stops the attempts of those units the query selects that are pending, as cancelAttempt does. Units held by a worker that the ' +
      'caller may not act for are left alone.',
    tag: 'Work units',
    query: unitQuery(['pending']),
    body: { schema: CANCELLATION.ref, example: { reason: 'the input was wrong', release: true }, optional: true },
    answer: { status: 200, description: 'How many.', schema: CANCELLED.ref, example: { Cancelled: 3 } },
    errors: [404],
  })
  async cancel({ namespace, workers }: CallerHere, request: FastifyRequest): Promise<string> {
    const { reason, release } = CANCELLATION.parse(request.body, 'ok');
    const statuses = readCancelStatuses(queryOf(request));
    const query = { ...(await this.query(namespace, request)), statuses };
    const cancellation = { reason, release, workers };
    return CANCELLED.json(await this.units.stored.cancel(namespace, workSpecOf(request), query, cancellation));
  }

  @Route('GET', UNIT, {
    id: 'getWorkUnit',
    summary: 'Get a work unit',
    needs: 'read',
    tag: 'Work units',
    query: [DATA_FORM],
    answer: { status: 200, description: 'The unit.', schema: WORK_UNIT.ref, example: WORK_UNIT_EXAMPLE },
    errors: [404],
  })
  async get({ namespace }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const workSpec = workSpecOf(request);
    const unit = await this.units.stored.get(namespace, workSpec, workUnitOf(request));
    const specUrl = workSpecUrl(homeOf(request, namespace), workSpec);
    const url = workUnitUrl(specUrl, unit.name);
    return WORK_UNIT.answer({ unit, name: unit.name, specUrl, url, form: dataFormOf(request) });
  }

  @Route('PUT', UNIT, {
    id: 'changeWorkUnit',
    summary: 'Change a work unit',
    needs: 'submit',
    description:
      'Sets data and what meta has, and takes the active attempt away if asked to. Data of a unit that is pending, and stays so, ' +
      'are refused. A failed unit with other data stays failed, and is sent back by retryWorkUnits.',
    tag: 'Work units',
    body: { schema: WORK_UNIT_CHANGE.ref, example: { meta: { priority: 10 }, active_attempt_url: '-' } },
    answer: 204,
    headers: WARNINGS_IN_HEADER,
    errors: [404, 409],
  })
  async change({ namespace }: CallerHere, request: FastifyRequest): Promise<NoContent | undefined> {
    const body = WORK_UNIT_CHANGE.parse(request.body);
    const { data, meta, active_attempt_url } = body;
    await this.units.stored.change(namespace, workSpecOf(request), workUnitOf(request), {
      data,
      priority: meta?.priority,
      notBefore: meta?.not_before,
      clear: active_attempt_url === '-',
    });
    return noContent(warningsIn(body));
  }

  private query(namespace: string, request: FastifyRequest): Promise<WorkUnitQuery> {
    return readUnitQuery(queryOf(request), (names) => {
      return this.units.stored.listNames(namespace, workSpecOf(request), { names });
    });
  }

  private async prioritize(
    { namespace }: CallerHere,
    request: FastifyRequest,
    change: (priority: number) => { to: number } | { by: number },
  ): Promise<NoContent | undefined> {
    const body = PRIORITY_CHANGE.parse(request.body, 'ok');
    const { meta } = body;
    const query = await this.query(namespace, request);
    const workSpec = workSpecOf(request);
    // Without a priority nothing changes; the spec must be there all the same.
    if (meta?.priority === undefined) await this.units.stored.listNames(namespace, workSpec, { ...query, limit: 1 });
    else await this.units.stored.prioritize(namespace, workSpec, query, change(meta.priority));
    return noContent(warningsIn(body));
  }
}
