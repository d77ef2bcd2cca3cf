import { Controller } from '@nestjs/common';
import type { CallerHere } from '../../access/caller.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { NoSuchWorkUnitError, PendingError } from '../../domain/errors.js';
import type { PriorityChange, WorkUnitQuery } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { WorkSpecsService } from '../../work-specs/work-specs.service.js';
import { WorkUnitsService } from '../../work-units/work-units.service.js';
import type { RpcResult } from '../results.js';
import { type ParamsOf, RpcMethod } from '../rpc-method.decorator.js';
import type { Answer } from './answers.js';
import { answer, orNoSuchSpec, quotedName, refusal } from './answers.js';
import { statusAnswer, unitsAnswer, unitsByKey, type UnitSource } from './unit-answers.js';
import { stateOf } from './unit-params.js';
import {
  ADD_WORK_UNITS,
  CANCEL_WORK_UNITS,
  COUNT_WORK_UNITS,
  DEL_WORK_UNITS,
  EDIT_WORK_UNIT,
  GET_WORK_UNITS,
  GET_WORK_UNIT_STATUS,
  PRIORITIZE_WORK_UNITS,
} from './work-units.methods.js';

const MAX_LIMIT = 10_000;

@Controller()
export class WorkUnitsHandlers {
  constructor(
    private readonly specs: WorkSpecsService,
    private readonly units: WorkUnitsService,
  ) {}

  @RpcMethod(ADD_WORK_UNITS)
  add(
    { namespace }: CallerHere,
    { work_spec_name, work_unit_key_vals }: ParamsOf<typeof ADD_WORK_UNITS>,
  ): Awaitable<Answer> {
    return orNoSuchSpec(false, () =>
      whenReady(this.units.add(namespace, work_spec_name, work_unit_key_vals), () => answer(true)),
    );
  }

  @RpcMethod(COUNT_WORK_UNITS)
  count({ namespace }: CallerHere, { work_spec_name }: ParamsOf<typeof COUNT_WORK_UNITS>): Awaitable<Answer> {
    return orNoSuchSpec(new Map(), () =>
      whenReady(this.specs.stored.counts(namespace, work_spec_name), (counts) => {
        const states = new Map<number, number>();
        for (const status of WORK_UNIT_STATUSES) {
          const state = stateOf(status);
          if (counts[status] > 0) states.set(state, (states.get(state) ?? 0) + counts[status]);
        }
        return answer(states);
      }),
    );
  }

  @RpcMethod(GET_WORK_UNITS)
  get({ namespace }: CallerHere, { work_spec_name, options }: ParamsOf<typeof GET_WORK_UNITS>): Awaitable<RpcResult> {
    const { work_unit_keys: keys, state, start, limit } = options;
    const source = this.source(namespace, work_spec_name);
    return orNoSuchSpec(null, () => {
      if (keys) return unitsByKey(source, keys);
      // A limit of zero or less selects nothing, but a spec that is missing is to be told from one that is empty.
      const query = { statuses: state, previous: start, limit: Math.min(Math.max(limit, 0), MAX_LIMIT) };
      return whenReady(this.units.stored.measure(namespace, work_spec_name, query), (measured) =>
        unitsAnswer(source, state, measured),
      );
    });
  }

  @RpcMethod(GET_WORK_UNIT_STATUS)
  status(
    { namespace }: CallerHere,
    { work_spec_name, work_unit_keys }: ParamsOf<typeof GET_WORK_UNIT_STATUS>,
  ): Awaitable<RpcResult> {
    return orNoSuchSpec(null, () => statusAnswer(this.source(namespace, work_spec_name), work_unit_keys));
  }

  private source(namespace: string, workSpec: string): UnitSource {
    return { units: this.units, namespace, workSpec };
  }

  @RpcMethod(PRIORITIZE_WORK_UNITS)
  prioritize(
    { namespace }: CallerHere,
    { work_spec_name, options }: ParamsOf<typeof PRIORITIZE_WORK_UNITS>,
  ): Awaitable<Answer> {
    const { work_unit_keys, priority, adjustment } = options;
    if (!work_unit_keys) return refusal(false, 'missing work_unit_keys');
    const change: PriorityChange = priority !== undefined ? { to: priority } : { by: adjustment ?? 0 };
    const query = { names: work_unit_keys };
    return orNoSuchSpec(false, () =>
      whenReady(this.units.stored.prioritize(namespace, work_spec_name, query, change), () => answer(true)),
    );
  }

  @RpcMethod(DEL_WORK_UNITS)
  delete({ namespace }: CallerHere, { work_spec_name, options }: ParamsOf<typeof DEL_WORK_UNITS>): Awaitable<Answer> {
    const { all, work_unit_keys, state } = options;
    if (!all && !work_unit_keys && !state) return refusal(0, 'missing one of all, work_unit_keys and state');
    const query: WorkUnitQuery = all ? {} : { names: work_unit_keys, statuses: state };
    return orNoSuchSpec(0, () => whenReady(this.units.stored.delete(namespace, work_spec_name, query), answer));
  }

  @RpcMethod(CANCEL_WORK_UNITS)
  cancel(
    { namespace, workers }: CallerHere,
    { work_spec_name, options }: ParamsOf<typeof CANCEL_WORK_UNITS>,
  ): Awaitable<Answer> {
    const { all, work_unit_keys: names, worker_id: worker, reason, release } = options;
    if (!all && !names && worker === undefined) {
      return refusal(0, 'missing one of all, work_unit_keys and worker_id');
    }
    const query: WorkUnitQuery = all ? {} : { names, worker };
    return orNoSuchSpec(0, () =>
      whenReady(
        this.units.stored.cancel(namespace, work_spec_name, query, { reason, release: release === true, workers }),
        answer,
      ),
    );
  }

  @RpcMethod(EDIT_WORK_UNIT)
  edit(
    { namespace }: CallerHere,
    { work_spec_name, work_unit_key, data }: ParamsOf<typeof EDIT_WORK_UNIT>,
  ): Awaitable<Answer> {
    return orNoSuchSpec(false, async () => {
      try {
        await this.units.stored.change(namespace, work_spec_name, work_unit_key, { data });
      } catch (error) {
        if (error instanceof NoSuchWorkUnitError)
          return refusal(false, `no such work unit ${quotedName(work_unit_key)}`);
        if (error instanceof PendingError) return refusal(false, error.message);
        throw error;
      }
      return answer(true);
    });
  }
}
