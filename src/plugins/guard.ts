import type { Type } from '@nestjs/common';
import { isExpected } from '../cbor-rpc/dispatcher.js';
import { rpcMethodOf } from '../cbor-rpc/rpc-method.decorator.js';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { answerOf } from '../rest/errors/error-body.js';
import { PluginFailure } from './plugin-error.js';

type Handler = (this: unknown, ...args: unknown[]) => unknown;

/** Has what the methods and routes of a controller throw say whose they are, but for what is refused on purpose. */
export function guard(plugin: string, controller: Type): void {
  const prototype = controller.prototype as object;
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const handler = descriptor.value as Handler | undefined;
    if (typeof handler !== 'function') continue;
    if (rpcMethodOf(handler) === undefined && !Reflect.hasMetadata(METHOD_METADATA, handler)) continue;
    const guarded = guardedBy(plugin, handler);
    // Decorators have noted on the function what it is.
    for (const note of Reflect.getMetadataKeys(handler)) {
      Reflect.defineMetadata(note, Reflect.getMetadata(note, handler), guarded);
    }
    Object.defineProperty(prototype, key, { ...descriptor, value: guarded });
  }
}

function guardedBy(plugin: string, handler: Handler): Handler {
  const blame = (error: unknown): unknown =>
    isExpected(error) || answerOf(error) !== undefined ? error : new PluginFailure(plugin, error);
  return function (this: unknown, ...args) {
    try {
      const result = handler.apply(this, args);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        throw blame(error);
      });
    } catch (error) {
      throw blame(error);
    }
  };
}
