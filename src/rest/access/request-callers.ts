import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Audit } from '../../access/audit.js';
import { type Caller, type CallerAddress, CallerHere } from '../../access/caller.js';
import { Callers } from '../../access/callers.js';
import { isNeededHere, OPEN } from '../../access/need.js';
import type { Proxies } from '../../access/proxies.js';
import { namespaceOf, workerOf } from '../http/path.js';
import type { RestAdapter } from '../http/rest-adapter.js';
import { HEALTH } from './web-rules.js';
import { RestAudit } from './rest-audit.js';
import { sessionIdIn } from './session-cookie.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request, in the namespace of its path where that has one; there once its head has been looked at. */
    caller: Caller | undefined;
    /** The id of the session that the browser has which makes the request, if it is one of a page of this server. */
    sessionId: string | undefined;
  }
}

/** Finds out who makes each HTTP request, and whether they may, before anything of it but its head is there. */
@Injectable()
export class RequestCallers implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<RestAdapter>,
    private readonly callers: Callers,
    private readonly audit: Audit,
  ) {}

  onModuleInit(): void {
    const { httpAdapter } = this.host;
    const { proxies } = httpAdapter;
    const fastify = httpAdapter.getInstance();
    fastify.decorateRequest('caller', undefined);
    fastify.decorateRequest('sessionId', undefined);
    const audit = new RestAudit(this.audit);
    fastify.decorate('audit', audit);
    if (this.audit.isOn)
      fastify.addHook('onResponse', (request, reply, done) => {
        audit.answered(request, reply);
        done();
      });
    const admit = (request: FastifyRequest, done: (error?: Error) => void): void => {
      try {
        const { raw } = request;
        // The log tells it when the answer has been sent, and the connection may be gone.
        const from = this.audit.isOn ? proxies.clientOf(raw) : () => proxies.clientOf(raw);
        request.caller = this.callerOf(request, from);
        this.refuse(request.caller, request);
      } catch (error) {
        done(error as Error);
        return;
      }
      done();
    };
    fastify.addHook('onRequest', (request, _reply, done) => {
      if (this.callers.sessions !== undefined && request.raw.headers.cookie !== undefined) {
        request.sessionId = sessionIdIn(request, httpAdapter.web);
      }
      const learning = this.learn(request, proxies);
      if (learning === undefined) admit(request, done);
      else learning.then(() => admit(request, done), done);
    });
  }

  /** Finds out who makes a request where that cannot be told at once; undefined: there is nothing to wait for. */
  private learn(request: FastifyRequest, proxies: Proxies): Promise<void> | undefined {
    const { raw, sessionId, originalUrl: url, method, routeOptions } = request;
    const learning = this.callers.learnFrom(raw, sessionId);
    // Whether the daemon is well is not for a plug-in to say, which may be what is wrong with it.
    if (this.callers.sources === undefined || HEALTH.has(routeOptions.url)) return learning;
    const ask = (): Promise<void> => {
      const shown = { door: 'rest', address: proxies.clientOf(raw), method, url, headers: raw.headers } as const;
      return this.callers.askOf(raw, shown, sessionId);
    };
    return learning === undefined ? ask() : learning.then(ask);
  }

  /** @throws RestError (400) when the path names no namespace where it should */
  private callerOf(request: FastifyRequest, from: CallerAddress): Caller {
    const { raw, sessionId } = request;
    return isNeededHere(request.routeOptions.config.needs)
      ? this.callers.ofRequestIn(namespaceOf(request), raw, from, sessionId)
      : this.callers.ofRequest(raw, from, sessionId);
  }

  /**
   * The one place where routes are refused to callers, by what the route declares and the worker of the path.
   * @throws UnknownCallerError, DeniedError, RateLimitError
   */
  private refuse(caller: Caller, request: FastifyRequest): void {
    const { needs } = request.routeOptions.config;
    if (needs === undefined || needs === OPEN || (needs.isMetrics && this.callers.metricsOpen)) return;
    if (caller instanceof CallerHere) {
      caller.mustHere(needs.right);
      if (needs.right === 'work' && caller.workers !== undefined) caller.mustActFor(workerOf(request));
    } else if (needs.where === 'everywhere') caller.mustEverywhere(needs.right);
    // Which namespaces those are is only known to its handler.
    else caller.mustBeKnown();
    if (caller.identity.pace !== undefined) caller.mustKeepPace();
  }
}
