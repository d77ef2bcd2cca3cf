import type { LoadedPlugin, Plugins } from './load-plugins.js';
import { messageOf, PluginError } from './plugin-error.js';

/** What keeps a daemon with plug-ins from starting: with the name of the one that it comes from, where that can be seen. */
export function blamed(error: unknown, { loaded }: Plugins): unknown {
  if (error instanceof PluginError) return error;
  const guilty = loaded.find((plugin) => comesFrom(error, plugin));
  return guilty === undefined ? error : new PluginError(guilty.source, `does not start: ${messageOf(error)}`, error);
}

function comesFrom(error: unknown, { place, source, classes }: LoadedPlugin): boolean {
  if (!(error instanceof Error)) return false;
  // The framework says by its name of which class it could not make out what it wants.
  if ('type' in error && [...classes].some(({ name }) => name === error.type)) return true;
  return error.stack?.includes(place ?? `/node_modules/${source}/`) ?? false;
}
