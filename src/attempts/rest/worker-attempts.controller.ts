import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallerHere } from '../../access/caller.js';
import { DeniedError } from '../../access/errors.js';
import type { Awaitable } from '../../domain/awaitable.js';
import type { Attempt, AttemptChange, AttemptRef, AttemptsOf, Claim, ClaimRequest } from '../../domain/attempt.js';
import { CoordinateError, GoneError } from '../../domain/errors.js';
import { DEFAULT_LIFETIME, type Micros } from '../../domain/time.js';
import type { Warning } from '../../domain/warning.js';
import { MOST_WARNINGS } from '../../domain/warning.js';
import { Slices } from '../../timing/slices.js';
import { answerOf } from '../../rest/errors/error-body.js';
import { shorten } from '../../rest/errors/rest-error.js';
import type { JsonAnswer } from '../../rest/http/answers.js';
import { canonicalUrl } from '../../rest/http/request-path.js';
import { dataFormOf, homeOf, pathOfLink, workerOf } from '../../rest/http/path.js';
import { numberedWindowOf } from '../../rest/http/window.js';
import { attemptUrls, parseAttemptUrl, workerUrl, workSpecUrl } from '../../rest/links.js';
import { readByteName, readTextName } from '../../rest/names.js';
import { DATA_FORM, NUMBERED_WINDOW } from '../../rest/openapi/parameters.js';
import type { RouteDescription } from '../../rest/openapi/route.js';
import { Route } from '../../rest/openapi/route.js';
import { warningsIn } from '../../rest/schema/body.js';
import { viewed } from '../../rest/schema/representation.js';
import { WorkSpecsService } from '../../work-specs/work-specs.service.js';
import {
  ATTEMPT,
  ATTEMPT_EXAMPLE,
  ATTEMPT_LIST,
  ATTEMPT_LIST_EXAMPLE,
  ATTEMPT_URL,
  CLAIM,
  viewAttempt,
} from './dto/attempt.dto.js';
import { listAttempts } from './dto/attempt-listing.js';
import type { OutcomeView } from './dto/attempt-request.dto.js';
import {
  ATTEMPT_OUTCOMES,
  ATTEMPT_RENEWALS,
  ATTEMPT_REQUEST,
  ATTEMPT_SPECIFIC,
  OUTCOME_RESULTS,
  OUTCOMES,
} from './dto/attempt-request.dto.js';
import { AttemptsService } from '../attempts.service.js';
import { GivenWork } from '../given-work.js';
import { WaitingClaims } from '../waiting-claims.js';
import { whileThere } from './while-there.js';

/** What the units of one claim may come to, in bytes. */
const CLAIM_BYTES = 32 * 1024 * 1024;

const WORKER = 'namespace/:namespace/worker/:worker';

function listing(id: string, summary: string): RouteDescription {
  return {
    id,
    summary,
    needs: 'read',
    tag: 'Attempts',
    query: NUMBERED_WINDOW,
    answer: {
      status: 200,
      description:
        'The attempts, oldest first, with a link to the rest if there is more; none of a worker that is not there.',
      schema: ATTEMPT_LIST.ref,
      example: ATTEMPT_LIST_EXAMPLE,
    },
  };
}

/** The attempts of a worker: asking for work and bringing it home. */
@Controller()
export class WorkerAttemptsController {
  constructor(
    private readonly attempts: AttemptsService,
    private readonly waiting: WaitingClaims,
    private readonly specs: WorkSpecsService,
  ) {}

  @Route('POST', `${WORKER}/request_attempts`, {
    id: 'requestAttempts',
    summary: 'Ask for work',
    needs: 'work',
    description:
      'Hands out units of one work spec under a lease. Makes the worker if it is not there, but no namespace; `warnings` ' +
      'tells of a namespace or work specs that do not exist. With `wait` it answers as soon as there is something to hand out, ' +
      'and with nothing when that time is over, or the daemon stops.',
    tag: 'Attempts',
    query: [DATA_FORM],
    body: {
      schema: ATTEMPT_REQUEST.ref,
      example: { number_of_work_units: 10, lifetime: 900000000000 },
      optional: true,
    },
    answer: {
      status: 200,
      description: 'What was handed out, maybe nothing.',
      schema: CLAIM.ref,
      example: {
        work_spec_url: '/namespace/default/work_spec/crawl',
        attempts: [ATTEMPT_EXAMPLE],
      },
    },
  })
  async request(caller: CallerHere, request: FastifyRequest): Promise<JsonAnswer | GivenWork<JsonAnswer>> {
    const { namespace } = caller;
    const worker = workerOf(request);
    const body = ATTEMPT_REQUEST.parse(request.body, 'ok');
    const form = dataFormOf(request);
    const wanted: ClaimRequest = {
      worker,
      units: body.number_of_work_units ?? 1,
      lifetime: body.lifetime || DEFAULT_LIFETIME,
      workSpecs: body.work_specs,
      runtimes: body.runtimes,
      availableGb: body.available_gb,
      onlyInExisting: true,
      maxBytes: CLAIM_BYTES,
    };
    const claim = await (body.wait
      ? this.wait(caller, request, wanted, body.wait)
      : this.attempts.claim(namespace, wanted));
    const { workSpec, attempts } = claim;
    try {
      const mistyped = warningsIn(body);
      const found = this.warningsOf(namespace, body.work_specs, claim);
      const missing = found instanceof Promise ? await found : found;
      const home = homeOf(request, namespace);
      const specUrl = workSpec === undefined ? undefined : workSpecUrl(home, workSpec);
      const urlOf = attemptUrls(specUrl ?? '');
      const json = CLAIM.answer({
        workSpecUrl: specUrl,
        ...(body.brief === true
          ? {
              attempts: [],
              briefAttempts: viewed(attempts, (attempt) => ({ form, attempt, url: urlOf(attempt) }), dataBytes),
            }
          : { attempts: viewed(attempts, (attempt) => viewAttempt(home, attempt, form), dataBytes) }),
        warnings: mistyped.length === 0 ? missing : [...mistyped, ...(missing ?? [])],
      });
      return attempts.length === 0 ? json : new GivenWork(json, this.attempts, namespace, attempts);
    } catch (error) {
      this.attempts.takeBack(namespace, attempts);
      throw error;
    }
  }

  private wait(caller: CallerHere, request: FastifyRequest, wanted: ClaimRequest, wait: Micros): Promise<Claim> {
    return whileThere(request, caller, (client) => this.waiting.claim(caller.namespace, wanted, wait, client));
  }

  @Route('POST', `${WORKER}/make_attempt`, {
    id: 'makeAttempt',
    summary: 'Begin an attempt at a certain work unit',
    needs: 'work',
    description: 'Begins an attempt whatever the state of the unit; an active attempt of it is superseded.',
    tag: 'Attempts',
    query: [DATA_FORM],
    body: { schema: ATTEMPT_SPECIFIC.ref, example: { work_spec: 'crawl', work_unit: 'u1' } },
    answer: { status: 200, description: 'The attempt.', schema: ATTEMPT.ref, example: ATTEMPT_EXAMPLE },
    errors: [404],
  })
  async make({ namespace, workers }: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const worker = workerOf(request);
    const { work_spec, work_unit, work_unit_encoded, lifetime } = ATTEMPT_SPECIFIC.parse(request.body);
    const form = dataFormOf(request);
    const attempt = await this.attempts.make(namespace, {
      worker,
      workSpec: work_spec,
      workUnit: work_unit_encoded ?? work_unit,
      lifetime: lifetime || DEFAULT_LIFETIME,
      workers,
    });
    return ATTEMPT.answer(viewAttempt(homeOf(request, namespace), attempt, form));
  }

  @Route('POST', `${WORKER}/finish_attempts`, {
    id: 'finishAttempts',
    summary: 'Bring many attempts home',
    needs: 'work',
    description: 'Brings attempts home one by one, in order; what goes wrong with one is its result.',
    tag: 'Attempts',
    body: {
      schema: ATTEMPT_OUTCOMES.ref,
      example: { attempts: [{ url: ATTEMPT_URL, outcome: 'finished', data: { pages: 3 } }] },
    },
    answer: {
      status: 200,
      description: 'What became of each.',
      schema: OUTCOME_RESULTS.ref,
      example: { results: [{ url: ATTEMPT_URL, status: 'finished' }] },
    },
  })
  async finishMany(caller: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const body = ATTEMPT_OUTCOMES.parse(request.body);
    return this.changeEach(caller, request, body, (ref, { outcome, data, delay = 0, cause, final }) => ({
      ref,
      action: OUTCOMES[outcome],
      data,
      delay,
      cause,
      final,
    }));
  }

  @Route('POST', `${WORKER}/renew_attempts`, {
    id: 'renewAttempts',
    summary: 'Go on with many attempts',
    needs: 'work',
    description: 'Renews attempts one by one, in order; what goes wrong with one is its result.',
    tag: 'Attempts',
    body: {
      schema: ATTEMPT_RENEWALS.ref,
      example: { attempts: [{ url: ATTEMPT_URL, extend_duration: 900000000000 }] },
    },
    answer: {
      status: 200,
      description: 'What became of each.',
      schema: OUTCOME_RESULTS.ref,
      example: { results: [{ url: ATTEMPT_URL, status: 'pending' }] },
    },
  })
  async renewMany(caller: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    const body = ATTEMPT_RENEWALS.parse(request.body);
    return this.changeEach(caller, request, body, (ref, { data, extend_duration = DEFAULT_LIFETIME }) => {
      return { ref, action: 'renew', data, duration: extend_duration };
    });
  }

  /** Changes attempts one by one. @param change - what is asked for on one of them @returns the results as JSON */
  private async changeEach<A extends { readonly url: string }>(
    caller: CallerHere,
    request: FastifyRequest,
    { attempts, brief }: { readonly attempts: readonly A[]; readonly brief?: boolean },
    change: (ref: AttemptRef, asked: A) => AttemptChange,
  ): Promise<JsonAnswer> {
    const results: OutcomeView[] = [];
    const changes: AttemptChange[] = [];
    const places: number[] = [];
    const slices = new Slices();
    let denied: DeniedError | undefined;
    for (const asked of attempts) {
      if (slices.isOver()) await slices.next();
      const { url } = asked;
      try {
        const ref = this.refOf(pathOfLink(request, url), caller);
        changes.push(change(ref instanceof Promise ? await ref : ref, asked));
        places.push(results.length);
        results.push({ url, status: 'pending' });
      } catch (error) {
        results.push({ url, refusal: refusalOf(error) });
        if (error instanceof DeniedError) denied ??= error;
      }
    }
    if (denied) request.server.audit?.denied(request, denied);
    const outcomes = await this.attempts.changeMany(caller.namespace, workerOf(request), changes);
    slices.begin();
    for (const [index, result] of outcomes.entries()) {
      if (slices.isOver()) await slices.next();
      const place = places[index];
      const { url } = attempts[place];
      results[place] =
        result instanceof CoordinateError ? { url, refusal: refusalOf(result) } : { url, status: result.status };
    }
    return OUTCOME_RESULTS.answer(brief === true ? results.filter((result) => 'refusal' in result) : results);
  }

  @Route('GET', `${WORKER}/active_attempts`, listing('listActiveAttempts', "List a worker's pending attempts"))
  active(caller: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    return this.listOf(caller, request, 'active_attempts', 'active');
  }

  @Route('GET', `${WORKER}/all_attempts`, listing('listAllAttempts', "List all of a worker's attempts"))
  all(caller: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    return this.listOf(caller, request, 'all_attempts', 'all');
  }

  @Route(
    'GET',
    `${WORKER}/child_attempts`,
    listing('listChildAttempts', "List the pending attempts of a worker's children"),
  )
  ofChildren(caller: CallerHere, request: FastifyRequest): Promise<JsonAnswer> {
    return this.listOf(caller, request, 'child_attempts', 'of children');
  }

  private listOf(
    { namespace }: CallerHere,
    request: FastifyRequest,
    list: string,
    which: AttemptsOf,
  ): Promise<JsonAnswer> {
    const home = homeOf(request, namespace);
    const worker = workerOf(request);
    const window = numberedWindowOf(request);
    const attempts = this.attempts.stored.listOf(namespace, worker, which, window.after);
    return listAttempts(home, attempts, `${workerUrl(home, worker)}/${list}`, window);
  }

  /** What of the places that a claim was limited to is not there. */
  private warningsOf(
    namespace: string,
    asked: readonly string[] | undefined,
    claim: Claim,
  ): Awaitable<Warning[] | undefined> {
    if (claim.noNamespace) return [{ key: 'namespace', reason: 'does not exist, so that there is no work in it' }];
    const others = asked?.filter((name) => name !== claim.workSpec);
    return others === undefined || others.length === 0 ? undefined : this.missing(namespace, others);
  }

  private async missing(namespace: string, workSpecs: readonly string[]): Promise<Warning[]> {
    const missing = await this.specs.stored.missing(namespace, [...new Set(workSpecs)]);
    return missing.slice(0, MOST_WARNINGS).map((name) => {
      return { key: 'work_specs', reason: `has ${shorten(JSON.stringify(name))}, which this namespace does not have` };
    });
  }

  /** The attempt that a link of this namespace leads to. @throws DeniedError when the caller may not act for its worker */
  private refOf(url: string, caller: CallerHere): Awaitable<AttemptRef> {
    const { namespace } = caller;
    const path = parseAttemptUrl(canonicalUrl(url));
    // Nothing of another namespace is within reach here.
    if (!path || readTextName('namespace', path.namespace) !== namespace) throw new GoneError();
    const place = {
      workSpec: readTextName('spec', path.spec),
      workUnit: readByteName('unit', path.unit),
      worker: readByteName('worker', path.worker),
    };
    caller.mustActFor(place.worker);
    return this.attempts.refOf(namespace, place, path.start);
  }
}

function dataBytes({ data }: Attempt): number {
  return data.length;
}

/** What an item hears of its error. @throws the error when it is no client's fault */
function refusalOf(error: unknown): { error: string; message: string } {
  const answer = answerOf(error);
  if (!answer || answer.status >= 500) throw error;
  return { error: answer.body.error, message: answer.body.message };
}
