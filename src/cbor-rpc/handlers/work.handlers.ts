import { Controller } from '@nestjs/common';
import type { CallerHere } from '../../access/caller.js';
import { AttemptsService } from '../../attempts/attempts.service.js';
import { GivenWork } from '../../attempts/given-work.js';
import { WaitingClaims } from '../../attempts/waiting-claims.js';
import type { Encodable } from '../../cbor/index.js';
import { ByteString, RawCbor, Tuple } from '../../cbor/index.js';
import { Config } from '../../config/config.js';
import type { Attempt, Claim, ClaimRequest } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import type { ReportAnswer, ReportedStatus } from '../../domain/report.js';
import type { Micros } from '../../domain/time.js';
import { DAY, MILLISECOND, MINUTE, SECOND } from '../../domain/time.js';
import { MaintenanceService } from '../../maintenance/maintenance.service.js';
import { type AnswerPieces, LargeResult } from '../large-answer.js';
import { ParamError } from '../params/index.js';
import type { Peer } from '../peer.js';
import type { RpcResult } from '../results.js';
import { RpcError } from '../rpc-error.js';
import { type ParamsOf, RpcMethod } from '../rpc-method.decorator.js';
import type { Answer } from './answers.js';
import { answer, orNoSuchSpec, quotedName, refusal, specName } from './answers.js';
import { State } from './unit-params.js';
import { ARCHIVE, GET_WORK, UPDATE_WORK_UNIT } from './work.methods.js';

const DEFAULT_LEASE: Micros = 300 * SECOND;

const NO_WORK = answer(new Tuple([null, null, null]));
const NO_BATCH = answer([]);

const REPORTED: Readonly<Record<number, ReportedStatus>> = {
  [State.Available]: 'available',
  [State.Pending]: 'pending',
  [State.Finished]: 'finished',
  [State.Failed]: 'failed',
};

/** Most bytes of the units that one claim gives out: so many are read and written without others having to wait. */
const MAX_CLAIMED_BYTES = 16 * 1024 * 1024;

/** The answer with more units, or more bytes of data, is made in slices. */
const MANY_UNITS = 1_000;
const MANY_BYTES = 256 * 1024;

/** Claiming units of work and reporting on them: what workers do all day. */
@Controller()
export class WorkHandlers {
  private readonly maxClaimedBytes: number;

  constructor(
    { limits }: Config,
    private readonly attempts: AttemptsService,
    private readonly waiting: WaitingClaims,
    private readonly maintenance: MaintenanceService,
  ) {
    // Both what is read and what is written of it have to find room.
    this.maxClaimedBytes = Math.min(MAX_CLAIMED_BYTES, limits.maxBufferedBytes / 4);
  }

  /** available_gb is taken and ignored, as both historic daemons did. */
  @RpcMethod(GET_WORK)
  getWork(
    { namespace }: CallerHere,
    { worker_id, options }: ParamsOf<typeof GET_WORK>,
    peer: Peer,
  ): Awaitable<RpcResult> {
    const { lease_time, max_jobs, work_spec_names, runtimes, wait } = options;
    peer.speaksFor(worker_id);
    const wanted: ClaimRequest = {
      worker: worker_id,
      units: max_jobs,
      maxBytes: this.maxClaimedBytes,
      lifetime: claimLease(lease_time),
      workSpecs: work_spec_names,
      runtimes,
    };
    const claim =
      wait === 0
        ? this.attempts.claim(namespace, wanted)
        : this.waiting.claim(namespace, wanted, longestWait(wait), peer);
    const wantsOne = max_jobs <= 1;
    return claim instanceof Promise
      ? this.handOutLater(namespace, claim, wantsOne)
      : this.handOut(namespace, claim, wantsOne);
  }

  /** In a function of its own: where closures are made, all that they see is kept on the heap, for each call. */
  private handOutLater(namespace: string, claim: Promise<Claim>, wantsOne: boolean): Promise<RpcResult> {
    return claim.then((given) => this.handOut(namespace, given, wantsOne));
  }

  private handOut(namespace: string, claim: Claim, wantsOne: boolean): RpcResult {
    const { attempts } = claim;
    if (attempts.length === 0) return wantsOne ? NO_WORK : NO_BATCH;
    if (isMuch(attempts)) return muchWork(claim, wantsOne, () => this.attempts.takeBack(namespace, attempts));
    const spec = specOf(claim);
    const given = wantsOne ? unitOf(spec, attempts[0]) : attempts.map((attempt) => unitOf(spec, attempt));
    return new GivenWork<Encodable>(given, this.attempts, namespace, attempts);
  }

  @RpcMethod(UPDATE_WORK_UNIT)
  update(
    { namespace, workers }: CallerHere,
    { work_spec_name, work_unit_key, options }: ParamsOf<typeof UPDATE_WORK_UNIT>,
    peer: Peer,
  ): Awaitable<Answer> {
    const { lease_time, status, data, delay, worker_id } = options;
    if (worker_id !== undefined) peer.speaksFor(worker_id);
    const reported = status === undefined ? undefined : REPORTED[status];
    if (status !== undefined && reported === undefined) {
      throw new ParamError(
        `must be 1 (available), 3 (pending), 4 (finished) or 5 (failed), not ${status}`,
        'options.status',
      );
    }
    return orNoSuchSpec(false, () => {
      const done = this.attempts.report(namespace, {
        workSpec: work_spec_name,
        workUnit: work_unit_key,
        status: reported,
        data,
        lifetime: reportLease(lease_time),
        delay: delay === undefined ? undefined : Math.max(Math.round(delay * SECOND), 0),
        worker: worker_id,
        workers,
      });
      return done instanceof Promise
        ? done.then((result) => reportAnswer(result, work_unit_key))
        : reportAnswer(done, work_unit_key);
    });
  }

  @RpcMethod(ARCHIVE)
  async archive({ namespace }: CallerHere, { options }: ParamsOf<typeof ARCHIVE>): Promise<null> {
    await this.maintenance.archive(namespace, options.work_spec_names);
    return null;
  }
}

/** From a second to a day, anything else is the default. */
function claimLease(seconds: number | undefined): Micros {
  const lease = Math.round((seconds ?? 0) * SECOND);
  return lease >= SECOND && lease <= DAY ? lease : DEFAULT_LEASE;
}

/** @throws ParamError */
function longestWait(seconds: number): Micros {
  const wait = Math.round(seconds * SECOND);
  if (wait >= MILLISECOND && wait <= MINUTE) return wait;
  throw new ParamError(`must be 0, or from 0.001 to 60 seconds, not ${seconds}`, 'options.wait');
}

/** Up to a day, more is the default; zero or less gives the unit back. */
function reportLease(seconds: number | undefined): Micros {
  const lease = Math.round((seconds ?? Infinity) * SECOND);
  return lease <= DAY ? lease : DEFAULT_LEASE;
}

function isMuch(attempts: readonly Attempt[]): boolean {
  if (attempts.length > MANY_UNITS) return true;
  let bytes = 0;
  for (const { data } of attempts) bytes += data.length;
  return bytes > MANY_BYTES;
}

/** An answer that is made in slices. @param revoke takes the claim back */
function muchWork(claim: Claim, wantsOne: boolean, revoke: () => void): LargeResult {
  const write = async (to: AnswerPieces): Promise<void> => {
    const spec = specOf(claim);
    to.out.writeArrayHead(2);
    if (!wantsOne) to.out.writeArrayHead(claim.attempts.length);
    for (const { workUnit, data } of claim.attempts) {
      to.out.writeTupleHead(3);
      to.out.writeValue(spec);
      to.out.writeBinary(workUnit);
      to.raw(data);
      await to.turn(data.length);
    }
    to.out.writeNull();
  };
  return new LargeResult(write, { revoke });
}

function specOf({ workSpec = '', nameIsBytes }: Claim): Encodable {
  return specName(workSpec, nameIsBytes);
}

function unitOf(spec: Encodable, { workUnit, data }: Attempt): Tuple<Encodable> {
  return new Tuple([spec, new ByteString(workUnit), new RawCbor(data)]);
}

function reportAnswer(result: ReportAnswer, key: string): Answer {
  if (result.changed) return answer(true);
  switch (result.reason) {
    case undefined:
      return answer(false);
    case 'no such work unit':
      return refusal(false, `no such work unit ${quotedName(key)}`);
    case 'cancelled':
      return refusal(false, 'cancelled');
    case 'held by another':
      return refusal(false, `no longer the active attempt, held by ${quotedName(result.holder)}`);
    case 'refused':
      throw new RpcError(`work unit ${quotedName(key)} is ${result.unit} and cannot become pending`);
  }
}
