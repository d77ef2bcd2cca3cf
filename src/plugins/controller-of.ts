import { Controller, Inject, type InjectionToken, type Type } from '@nestjs/common';

/** What a class of methods and routes is made of. */
export interface ControllerParts {
  /** What its constructor is given, in order. */
  readonly inject?: readonly InjectionToken[];
  /** What its methods answer to, by their names: `RpcMethod(…)` and `Route(…)`. */
  readonly methods: Readonly<Record<string, unknown>>;
}

type Decorate = (prototype: object, key: string, descriptor: PropertyDescriptor) => void;

/**
 * Does to a class what decorators do, for JavaScript, which has none: `controllerOf(Tally, {inject: [WorkUnitsService], methods: {tally:
 * RpcMethod(TALLY)}})`.
 * @returns the class
 * @throws Error when it has no such method
 */
export function controllerOf<T extends Type>(Class: T, { inject = [], methods }: ControllerParts): T {
  inject.forEach((token, at) => Inject(token)(Class, undefined, at));
  const prototype = Class.prototype as object;
  for (const [key, decorate] of Object.entries(methods)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (typeof descriptor?.value !== 'function') throw new Error(`${Class.name} has no method ${key}`);
    (decorate as Decorate)(prototype, key, descriptor);
    // As a decorator does: one may have put another function in the place of the method.
    Object.defineProperty(prototype, key, descriptor);
  }
  Controller()(Class);
  return Class;
}
