import type { Type } from '@nestjs/common';
import { grantsOf } from '../access/grants.js';
import { checkDeclared } from '../cbor-rpc/method-table.js';
import { mayBePlugged } from '../config/backend.js';
import { isOwnPath } from '../config/values.js';
import { checkNeeds } from '../rest/access/needs.js';
import { declaredIn, type ModuleLike } from './declared.js';
import { type CallersOfPlugin, type Plugin, PLUGIN_INTERFACE } from './plugin.js';
import { messageOf, PluginError } from './plugin-error.js';

/** Names that are taken, of methods, routes and more, and by whom: `the daemon`, or a plug-in as it was given. */
export type Taken = Map<string, string>;

const THE_DAEMON = 'the daemon';
const NAME = /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/i;
/** The second number of the version since which a plug-in may know callers. */
const CALLERS_SINCE = 1;
const VERSION = /^(\d+)\.(\d+)$/;

/** What the daemon's own controllers answer to. */
export async function takenBy(modules: readonly ModuleLike[]): Promise<Taken> {
  const { methods, routes } = await declaredIn(modules);
  return new Map([
    ...methods.map(({ name }) => [methodKey(name), THE_DAEMON] as const),
    ...routes.map(({ method, path }) => [routeKey(method, path), THE_DAEMON] as const),
  ]);
}

/**
 * Looks whether a plug-in may be a part of the daemon, and notes what it takes.
 * @param source - the file or package, as it was given @param given - its default export
 * @returns what it is, and the controllers of its module
 * @throws PluginError
 */
export async function checkPlugin(
  source: string,
  given: unknown,
  taken: Taken,
): Promise<{ readonly plugin: Plugin; readonly controllers: ReadonlySet<Type> }> {
  const refuse = (reason: string): never => {
    throw new PluginError(source, reason);
  };
  const take = (key: string): void => {
    const by = taken.get(key);
    if (by !== undefined) refuse(`takes ${key}, which ${by} has`);
    taken.set(key, source);
  };
  const plugin = shapeOf(given, refuse);
  take(`the name ${plugin.name}`);
  for (const name of Object.keys(plugin.backends ?? {})) take(`the backend ${name}`);
  const { controllers, methods, routes, foreign } = await declaredIn(plugin.module ? [plugin.module] : []);
  try {
    if (foreign.length > 0) throw new Error(`has patterns of messages that are no @RpcMethod: ${foreign.join(', ')}`);
    methods.forEach(checkDeclared);
    for (const { method, path, needs } of routes) checkNeeds(method, path, needs);
  } catch (error) {
    refuse(messageOf(error));
  }
  for (const { name } of methods) take(methodKey(name));
  for (const { method, path } of routes) {
    if (!path.startsWith('/namespace/') && isOwnPath(path)) refuse(`takes ${method} ${path}, which is for the daemon`);
    take(routeKey(method, path));
  }
  return { plugin, controllers };
}

function shapeOf(given: unknown, refuse: (reason: string) => never): Plugin {
  if (typeof given !== 'object' || given === null) {
    return refuse('exports no plug-in: its default export is to be what definePlugin makes');
  }
  const plugin = given as Partial<Plugin>;
  const { name, madeFor, module } = plugin;
  if (typeof name !== 'string' || !NAME.test(name)) return refuse('its name must be of letters, digits and hyphens');
  const [, major, minor] = VERSION.exec(typeof madeFor === 'string' ? madeFor : '') ?? [];
  if (major === undefined) {
    return refuse(`does not say which version of the interface it is made for, such as madeFor: '${PLUGIN_INTERFACE}'`);
  }
  const [ownMajor, ownMinor] = PLUGIN_INTERFACE.split('.').map(Number);
  if (Number(major) !== ownMajor || Number(minor) > ownMinor) {
    return refuse(`is made for version ${madeFor} of the interface, and this daemon has ${PLUGIN_INTERFACE}`);
  }
  if (module !== undefined && typeof module !== 'function' && typeof module !== 'object') {
    return refuse('its module is none of Nest');
  }
  const { observers = [], backends = {}, callers = [] } = plugin;
  if (typeof backends !== 'object' || Object.values(backends).some((open) => typeof open !== 'function')) {
    return refuse('its backends must be functions by name');
  }
  for (const name of Object.keys(backends)) {
    if (!mayBePlugged(name)) refuse(`its backend cannot be called ${JSON.stringify(name)}`);
  }
  if (module === undefined && Object.keys(backends).length === 0)
    return refuse('exports no module, and nothing else that the daemon could use');
  if (!Array.isArray(observers) || observers.some((each) => typeof each !== 'function')) {
    return refuse('its observers must be a list of classes');
  }
  checkCallers(callers, refuse);
  // A daemon that has no callers of plug-ins yet would ask nobody who they are.
  if (callers.length > 0 && Number(minor) < CALLERS_SINCE) {
    return refuse(`knows callers, which it may from version ${ownMajor}.${CALLERS_SINCE} of the interface on`);
  }
  return plugin as Plugin;
}

function checkCallers(callers: unknown, refuse: (reason: string) => never): void {
  if (!Array.isArray(callers)) return refuse('its callers must be a list');
  for (const each of callers as Partial<CallersOfPlugin>[]) {
    if (typeof each?.source !== 'function') return refuse('its callers must have a class as their source');
    const { source, rights } = each;
    if (rights === undefined) return refuse(`declares no rights for the callers that ${source.name} knows`);
    try {
      grantsOf(`rights of the callers that ${source.name} knows`, rights);
    } catch (error) {
      return refuse(messageOf(error));
    }
  }
}

function methodKey(name: string): string {
  return `the CBOR-RPC method ${name}`;
}

/** What parts of a path are called makes no difference to the router. */
function routeKey(method: string, path: string): string {
  return `${method} ${path.replace(/:\w+/g, ':…')}`;
}
