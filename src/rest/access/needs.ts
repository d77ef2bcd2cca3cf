import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { isRight } from '../../access/right.js';
import { type DeclaredNeed, isNeededHere, type Need, needOf, OPEN } from '../../access/need.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request needs its caller to have. */
    needs?: Need | typeof OPEN;
  }
}

/** Where the OpenAPI document says which right an operation needs; of one that is open, 'open'. */
export const RIGHT_KEY = 'x-right';

/** What programs read of a need in the OpenAPI document. */
export function rightIn(declared: DeclaredNeed): string {
  const need = needOf(declared);
  return need === OPEN ? OPEN : need.right;
}

/**
 * Declares what a route needs its caller to have.
 * @param config - what else Fastify knows of the route
 */
export function Needs(declared: DeclaredNeed, config: { body?: string; answers?: string } = {}): MethodDecorator {
  return applyDecorators(
    RouteConfig({ ...config, needs: needOf(declared) }),
    ApiExtension(RIGHT_KEY, rightIn(declared)),
  );
}

/** Refuses routes that do not declare it, so that the daemon does not start with one. */
export function requireNeeds(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', ({ method, url, config }) => checkNeeds([method].flat().join(', '), url, config?.needs));
}

/** @throws Error when a route declares no right, or one that cannot be meant at its path */
export function checkNeeds(method: string, url: string, needs: Need | typeof OPEN | undefined): void {
  const route = `${method} ${url}`;
  refuseUndeclared(route, needs);
  const isHere = isNeededHere(needs);
  if (isHere && !url.includes('/:namespace')) {
    throw new Error(`${route} needs a right in the namespace of its path, and has none there`);
  }
  if (!isHere && url.includes('/:namespace')) {
    throw new Error(`${route} has a namespace in its path, and needs no right in it`);
  }
  if (needs !== OPEN && needs.right === 'work' && !url.includes('/:worker')) {
    throw new Error(`${route} needs the right work, and its path does not say for which worker`);
  }
}

/** @throws Error when a route declares no right, or none that there is */
export function refuseUndeclared(
  route: string,
  needs: DeclaredNeed | undefined,
): asserts needs is Exclude<DeclaredNeed, undefined> {
  if (needs === undefined) throw new Error(`${route} does not declare the right that it needs`);
  const need = needOf(needs);
  if (need !== OPEN && !isRight(need.right)) throw new Error(`${route} needs a right that there is not`);
}
