import { createParamDecorator, type ExecutionContext, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../access/caller.js';
import { Callers } from '../../access/callers.js';
import { OPEN } from '../../access/need.js';
import { namespaceOf } from '../http/path.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; there once its head has been looked at. */
    caller: Caller | undefined;
  }
}

/** A parameter of a route: who makes the request. */
export const RequestCaller = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<FastifyRequest>().caller;
});

/** Finds out who makes each HTTP request, and whether they may, before anything of it but its head is there. */
@Injectable()
export class RequestCallers implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly callers: Callers,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance();
    fastify.decorateRequest('caller', undefined);
    fastify.addHook('onRequest', (request, _reply, done) => {
      request.caller = this.callers.ofRequest(request.raw);
      done(refusal(request, request.caller));
    });
  }
}

/** The one place where routes are refused to callers: in the namespace of the path, by what the route declares. */
function refusal(request: FastifyRequest, caller: Caller): Error | undefined {
  const { needs } = request.routeOptions.config;
  if (needs === undefined || needs === OPEN) return undefined;
  try {
    if (needs.where === 'here') caller.must(needs.right, namespaceOf(request));
    else if (needs.where === 'everywhere') caller.mustEverywhere(needs.right);
    // Which namespaces those are is only known to its handler.
    else caller.mustBeKnown();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
