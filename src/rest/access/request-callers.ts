import { createParamDecorator, type ExecutionContext, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../access/caller.js';
import { Callers } from '../../access/callers.js';

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

/** Finds out who makes each HTTP request, before anything of it but its head is there. */
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
      request.caller = this.callers.ofRequest(request.raw.socket);
      done();
    });
  }
}
