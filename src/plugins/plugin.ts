import type { DynamicModule, Type } from '@nestjs/common';
import type { CallerSource, RightsIn } from '../access/caller-source.js';
import type { OpenRepositories } from '../storage/repositories.js';
import type { EventObserver } from './observers/work-event.js';

/**
 * The version of what plug-ins are made for, `MAJOR.MINOR`: the major one counts up when something is taken away or changed, the
 * minor one when something is added: 1.1 has `callers`, and the signal of observers.
 */
export const PLUGIN_INTERFACE = '1.1';

/** Callers that a plug-in knows. */
export interface CallersOfPlugin {
  /** One of the providers of its module. */
  readonly source: Type<CallerSource>;
  /** What those whom it knows may do at most, whatever it says of them. */
  readonly rights: RightsIn;
}

/** What a plug-in adds to the daemon: the default export of its file or package. */
export interface Plugin {
  /** What log and errors call it: letters, digits and hyphens. */
  readonly name: string;
  /** The version of the interface that it was made for, `MAJOR.MINOR`: the PLUGIN_INTERFACE of that day. */
  readonly madeFor: string;
  /** A module of Nest. Its controllers have CBOR-RPC methods and REST routes. */
  readonly module?: Type | DynamicModule;
  /** Those of its providers that hear what happens to work. */
  readonly observers?: readonly Type<EventObserver>[];
  /** Ways to know callers, asked in this order. With one, requests are asked who makes them, as with -auth-tokens. */
  readonly callers?: readonly CallersOfPlugin[];
  /** Storage backends that `-backend NAME`, or `-backend NAME:…`, then opens: small letters, digits and hyphens. */
  readonly backends?: Readonly<Record<string, OpenRepositories>>;
}

/** What a plug-in adds, checked by the compiler. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
