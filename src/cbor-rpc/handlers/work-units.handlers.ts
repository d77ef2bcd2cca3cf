import { Controller } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import type { PriorityChange, WorkUnitQuery } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { WorkSpecsService } from '../../work-specs/work-specs.service.js';
import { WorkUnitsService } from '../../work-units/work-units.service.js';
import type { ValueOf } from '../params/index.js';
import { byteName, flag, integer, list, longList, optional, options, params, text } from '../params/index.js';
import type { RpcResult } from '../results.js';
import { RpcMethod } from '../rpc-method.decorator.js';
import type { Answer } from './answers.js';
import { answer, orNoSuchSpec, refusal } from './answers.js';
import { statusAnswer, unitsAnswer, unitsByKey, type UnitSource } from './unit-answers.js';
import { finite, speltName, stateOf, states, unitItem } from './unit-params.js';

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;

const addParams = params({ work_spec_name: text, work_unit_key_vals: longList(unitItem) });
const countParams = params({ work_spec_name: text });
const getParams = params({
  work_spec_name: text,
  options: options({
    work_unit_keys: optional(longList(speltName)),
    state: optional(states),
    start: optional(byteName),
    limit: optional(integer, DEFAULT_LIMIT),
  }),
});
const statusParams = params({ work_spec_name: text, work_unit_keys: longList(byteName) });
const prioritizeParams = params({
  work_spec_name: text,
  options: options({
    work_unit_keys: optional(list(byteName)),
    priority: optional(finite),
    adjustment: optional(finite),
  }),
});
const deleteParams = params({
  work_spec_name: text,
  options: options({ all: optional(flag), work_unit_keys: optional(list(byteName)), state: optional(states) }),
});

@Controller()
export class WorkUnitsHandlers {
  constructor(
    private readonly config: Config,
    private readonly specs: WorkSpecsService,
    private readonly units: WorkUnitsService,
  ) {}

  @RpcMethod('add_work_units', addParams)
  add({ work_spec_name, work_unit_key_vals }: ValueOf<typeof addParams>): Awaitable<Answer> {
    return orNoSuchSpec(false, () =>
      whenReady(this.units.add(this.config.namespace, work_spec_name, work_unit_key_vals), () => answer(true)),
    );
  }

  @RpcMethod('count_work_units', countParams)
  count({ work_spec_name }: ValueOf<typeof countParams>): Awaitable<Answer> {
    return orNoSuchSpec(new Map(), () =>
      whenReady(this.specs.counts(this.config.namespace, work_spec_name), (counts) => {
        const states = new Map<number, number>();
        for (const status of WORK_UNIT_STATUSES) {
          const state = stateOf(status);
          if (counts[status] > 0) states.set(state, (states.get(state) ?? 0) + counts[status]);
        }
        return answer(states);
      }),
    );
  }

  @RpcMethod('get_work_units', getParams)
  get({ work_spec_name, options }: ValueOf<typeof getParams>): Awaitable<RpcResult> {
    const { work_unit_keys: keys, state, start, limit } = options;
    const source = this.source(work_spec_name);
    return orNoSuchSpec(null, () => {
      if (keys) return unitsByKey(source, keys);
      // A limit of zero or less selects nothing, but a spec that is missing is to be told from one that is empty.
      const query = { statuses: state, previous: start, limit: Math.min(Math.max(limit, 0), MAX_LIMIT) };
      return whenReady(this.units.measure(this.config.namespace, work_spec_name, query), (measured) =>
        unitsAnswer(source, state, measured),
      );
    });
  }

  @RpcMethod('get_work_unit_status', statusParams)
  status({ work_spec_name, work_unit_keys }: ValueOf<typeof statusParams>): Awaitable<RpcResult> {
    return orNoSuchSpec(null, () => statusAnswer(this.source(work_spec_name), work_unit_keys));
  }

  private source(workSpec: string): UnitSource {
    return { units: this.units, namespace: this.config.namespace, workSpec };
  }

  @RpcMethod('prioritize_work_units', prioritizeParams)
  prioritize({ work_spec_name, options }: ValueOf<typeof prioritizeParams>): Awaitable<Answer> {
    const { work_unit_keys, priority, adjustment } = options;
    if (!work_unit_keys) return refusal(false, 'missing work_unit_keys');
    const change: PriorityChange = priority !== undefined ? { to: priority } : { by: adjustment ?? 0 };
    const query = { names: work_unit_keys };
    return orNoSuchSpec(false, () =>
      whenReady(this.units.prioritize(this.config.namespace, work_spec_name, query, change), () => answer(true)),
    );
  }

  @RpcMethod('del_work_units', deleteParams)
  delete({ work_spec_name, options }: ValueOf<typeof deleteParams>): Awaitable<Answer> {
    const { all, work_unit_keys, state } = options;
    if (!all && !work_unit_keys && !state) return refusal(0, 'missing one of all, work_unit_keys and state');
    const query: WorkUnitQuery = all ? {} : { names: work_unit_keys, statuses: state };
    return orNoSuchSpec(0, () => whenReady(this.units.delete(this.config.namespace, work_spec_name, query), answer));
  }
}
