import { type DynamicModule, type ForwardReference, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, MODULE_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { Need, OPEN } from '../access/need.js';
import { type RpcMethodDeclaration, rpcMethodOf } from '../cbor-rpc/rpc-method.decorator.js';

/** A module as Nest takes one. */
export type ModuleLike = Type | DynamicModule | Promise<DynamicModule> | ForwardReference;

/** A route of a controller. */
export interface DeclaredRoute {
  /** Such as `GET`. */
  readonly method: string;
  /** Begins with a slash. */
  readonly path: string;
  readonly needs: Need | typeof OPEN | undefined;
}

/** What the controllers of a module answer to, and those of the modules that it imports. */
export interface Declared {
  readonly controllers: ReadonlySet<Type>;
  readonly methods: readonly RpcMethodDeclaration<unknown>[];
  readonly routes: readonly DeclaredRoute[];
  /** Patterns of messages that are of no method of CBOR-RPC. */
  readonly foreign: readonly string[];
}

/** Reads what modules declare. Nothing of them is made for it. */
export async function declaredIn(modules: readonly ModuleLike[]): Promise<Declared> {
  const controllers = new Set<Type>();
  await addControllers(modules, controllers, new Set());
  const declared = [...controllers].map(declaredBy);
  return {
    controllers,
    methods: declared.flatMap(({ methods }) => methods),
    routes: declared.flatMap(({ routes }) => routes),
    foreign: declared.flatMap(({ foreign }) => foreign),
  };
}

async function addControllers(
  modules: readonly ModuleLike[],
  controllers: Set<Type>,
  seen: Set<ModuleLike>,
): Promise<void> {
  for (const given of modules) {
    const known = await given;
    const module = 'forwardRef' in known ? (known as ForwardReference<() => Type>).forwardRef() : known;
    if (seen.has(module)) continue;
    seen.add(module);
    const { imports = [], controllers: own = [] } = 'module' in module ? module : {};
    for (const controller of own) controllers.add(controller);
    if (imports.length > 0) await addControllers(imports as ModuleLike[], controllers, seen);
    if ('module' in module) await addControllers([module.module], controllers, seen);
    else {
      for (const controller of listIn<Type>(MODULE_METADATA.CONTROLLERS, module)) controllers.add(controller);
      await addControllers(listIn<ModuleLike>(MODULE_METADATA.IMPORTS, module), controllers, seen);
    }
  }
}

function listIn<T>(key: string, module: Type): readonly T[] {
  return (Reflect.getMetadata(key, module) as readonly T[] | undefined) ?? [];
}

function declaredBy(controller: Type): Omit<Declared, 'controllers'> {
  const methods: RpcMethodDeclaration<unknown>[] = [];
  const routes: DeclaredRoute[] = [];
  const foreign: string[] = [];
  const prototype = controller.prototype as Record<string, object>;
  for (const key of new MetadataScanner().getAllMethodNames(prototype)) {
    const handler = prototype[key];
    const method = rpcMethodOf(handler);
    if (method !== undefined) methods.push(method);
    else if (Reflect.hasMetadata(PATTERN_METADATA, handler)) {
      foreign.push(String(Reflect.getMetadata(PATTERN_METADATA, handler)));
    }
    const verb = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    if (verb === undefined) continue;
    const config = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as
      Pick<DeclaredRoute, 'needs'> | undefined;
    for (const begin of pathsOf(controller))
      for (const end of pathsOf(handler)) {
        routes.push({ method: RequestMethod[verb], path: joined(begin, end), needs: config?.needs });
      }
  }
  return { methods, routes, foreign };
}

/** The paths of a controller, or of one of its methods. */
function pathsOf(declared: object): readonly string[] {
  const path = Reflect.getMetadata(PATH_METADATA, declared) as string | string[] | undefined;
  return path === undefined ? [''] : [path].flat();
}

function joined(begin: string, end: string): string {
  return `/${[begin, end]
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/')}`;
}
