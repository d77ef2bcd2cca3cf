import { Controller } from '@nestjs/common';
import type { Encodable } from '../../cbor/index.js';
import type { CallerHere } from '../../access/caller.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import type { SlotState } from '../../domain/flow/slot-rules.js';
import { flowNotation } from '../../domain/flow/flow.js';
import { CannotBecomeContinuousError } from '../../domain/errors.js';
import { LAST_TIME, SECOND, ZERO_TIME } from '../../domain/time.js';
import type { WorkSpecMetaChange } from '../../domain/work-spec.js';
import { intervalOfSeconds } from '../../domain/work-spec.js';
import { WorkSpecsService } from '../../work-specs/work-specs.service.js';
import { isLarge, LargeResult } from '../large-answer.js';
import { ParamError } from '../params/index.js';
import type { RpcResult } from '../results.js';
import { type ParamsOf, RpcMethod } from '../rpc-method.decorator.js';
import type { Answer } from './answers.js';
import { answer, orNoSuchSpec, quoted, refusal } from './answers.js';
import { specsAnswer } from './spec-answers.js';
import { specDictionary, writeSpec } from './spec-dictionary.js';
import {
  CLEAR,
  CONTROL_WORK_SPEC,
  DEL_WORK_SPEC,
  GET_WORK_SPEC,
  GET_WORK_SPEC_META,
  LIST_WORK_SPECS,
  SET_WORK_SPEC,
} from './work-specs.methods.js';

const RUNNABLE = 1;
const PAUSED = 2;
const NANOSECONDS = 1e9;

@Controller()
export class WorkSpecsHandlers {
  constructor(private readonly specs: WorkSpecsService) {}

  @RpcMethod(SET_WORK_SPEC)
  set({ namespace }: CallerHere, { work_spec }: ParamsOf<typeof SET_WORK_SPEC>): Awaitable<Answer> {
    return whenReady(this.specs.set(namespace, work_spec), () => answer(true));
  }

  @RpcMethod(GET_WORK_SPEC)
  get({ namespace }: CallerHere, { work_spec_name }: ParamsOf<typeof GET_WORK_SPEC>): Awaitable<RpcResult> {
    return whenReady(this.specs.stored.find(namespace, work_spec_name), (spec): RpcResult => {
      if (!spec) return null;
      return isLarge(spec.data.length) ? new LargeResult((to) => writeSpec(to, spec)) : specDictionary(spec);
    });
  }

  @RpcMethod(LIST_WORK_SPECS)
  list(
    { namespace }: CallerHere,
    { options: { start, limit = Infinity } }: ParamsOf<typeof LIST_WORK_SPECS>,
  ): Awaitable<RpcResult> {
    return specsAnswer({ specs: this.specs, namespace }, start, limit);
  }

  @RpcMethod(DEL_WORK_SPEC)
  delete({ namespace }: CallerHere, { work_spec_name }: ParamsOf<typeof DEL_WORK_SPEC>): Awaitable<Answer> {
    return whenReady(this.specs.stored.delete(namespace, work_spec_name), (deleted) =>
      deleted ? answer(true) : refusal(false, `no such work_spec ${quoted(work_spec_name)}`),
    );
  }

  @RpcMethod(CLEAR)
  clear({ namespace }: CallerHere): Awaitable<number> {
    return this.specs.stored.clear(namespace);
  }

  @RpcMethod(CONTROL_WORK_SPEC)
  async control(
    { namespace }: CallerHere,
    { work_spec_name, options }: ParamsOf<typeof CONTROL_WORK_SPEC>,
  ): Promise<Answer> {
    const change = metaChange(options);
    try {
      return await orNoSuchSpec(false, () =>
        whenReady(this.specs.stored.changeMeta(namespace, work_spec_name, change, { strict: true }), () =>
          answer(true),
        ),
      );
    } catch (error) {
      if (!(error instanceof CannotBecomeContinuousError)) throw error;
      return refusal(false, `cannot make non-continuous work spec ${quoted(work_spec_name)} continuous`);
    }
  }

  @RpcMethod(GET_WORK_SPEC_META)
  meta({ namespace }: CallerHere, { work_spec_name }: ParamsOf<typeof GET_WORK_SPEC_META>): Awaitable<Answer> {
    return orNoSuchSpec(null, () =>
      whenReady(this.specs.stored.meta(namespace, work_spec_name, false), (meta) =>
        answer({
          status: meta.paused ? PAUSED : RUNNABLE,
          continuous: meta.continuous,
          interval: Number(meta.intervalNs) / NANOSECONDS,
          max_running: meta.maxRunning,
          weight: meta.weight,
          priority: meta.priority,
          ...(meta.flow && { flow: flowNotation(meta.flow) as Encodable }),
          ...(meta.slots && shownSlots(meta.slots)),
        }),
      ),
    );
  }
}

/** Moments in seconds, null: there is none. */
function shownSlots({ next, last, missed }: SlotState): Record<string, Encodable> {
  return {
    next_slot: next < LAST_TIME ? next / SECOND : null,
    last_slot: last > ZERO_TIME ? last / SECOND : null,
    missed_slots: missed,
  };
}

function metaChange(options: ParamsOf<typeof CONTROL_WORK_SPEC>['options']): WorkSpecMetaChange {
  const { status, interval } = options;
  if (status !== undefined && status !== RUNNABLE && status !== PAUSED) {
    throw new ParamError(`must be ${RUNNABLE} (runnable) or ${PAUSED} (paused), not ${status}`, 'options.status');
  }
  return {
    paused: status === undefined ? undefined : status === PAUSED,
    continuous: options.continuous,
    weight: options.weight,
    intervalNs: interval === undefined ? undefined : intervalOfSeconds(interval),
    maxRunning: options.max_running,
    priority: options.priority,
  };
}
