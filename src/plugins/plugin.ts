import type { DynamicModule, Type } from '@nestjs/common';
import type { OpenRepositories } from '../storage/repositories.js';
import type { EventObserver } from './observers/work-event.js';

/**
 * The version of what plug-ins are made for, `MAJOR.MINOR`: the major one counts up when something is taken away or changed, the
 * minor one when something is added.
 */
export const PLUGIN_INTERFACE = '1.0';

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
  /** Storage backends that `-backend NAME`, or `-backend NAME:…`, then opens: small letters, digits and hyphens. */
  readonly backends?: Readonly<Record<string, OpenRepositories>>;
}

/** What a plug-in adds, checked by the compiler. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
