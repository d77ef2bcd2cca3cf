/**
 * `coordinate-daemon/plugin`: what plug-ins are written with. The decorators and tables that the daemon's own methods and routes are
 * made of, the services that they ask, and all of `coordinate-daemon/backend`.
 */
export * from './backend.js';
export { type CallersOfPlugin, definePlugin, type Plugin, PLUGIN_INTERFACE } from '../plugins/plugin.js';
export * from '../plugins/observers/work-event.js';
export { type ControllerParts, controllerOf } from '../plugins/controller-of.js';

// Of the framework, in the version that the daemon has.
export { Controller, Inject, Injectable, Logger, Module, Optional } from '@nestjs/common';
export type {
  DynamicModule,
  OnApplicationBootstrap,
  OnModuleDestroy,
  OnModuleInit,
  Provider,
  Type,
} from '@nestjs/common';
export type { FastifyRequest } from 'fastify';

// Who asks, and what they may.
export { Caller, CallerHere } from '../access/caller.js';
export * from '../access/caller-source.js';
export { type DeclaredNeed, type Need, OPEN, READ_ALL, type Where } from '../access/need.js';
export { type Right, RIGHTS } from '../access/right.js';

// CBOR-RPC.
export { declare, type ParamsOf, RpcMethod, type RpcMethodDeclaration } from '../cbor-rpc/rpc-method.decorator.js';
export { RpcError } from '../cbor-rpc/rpc-error.js';
export * as rpc from '../cbor-rpc/params/index.js';

// REST.
export { PLUGIN_TAG, Route, type RouteDescription } from '../rest/openapi/route.js';
export * as rest from './rest-parts.js';

// Services: what both interfaces share. For what needs none of that, `service.stored` is the repository.
export { AttemptsService } from '../attempts/attempts.service.js';
export { HistoryService } from '../live/history/history.service.js';
export { OverviewService } from '../live/overview/overview.service.js';
export { LocksService } from '../locks/locks.service.js';
export { NamespacesService } from '../namespaces/namespaces.service.js';
export { WorkSpecsService } from '../work-specs/work-specs.service.js';
export { WorkUnitsService } from '../work-units/work-units.service.js';
export { WorkersService } from '../workers/workers.service.js';
