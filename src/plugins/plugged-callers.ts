import { type INestApplicationContext, Logger } from '@nestjs/common';
import { Callers } from '../access/callers.js';
import type { CallerSource } from '../access/caller-source.js';
import { CallerSources, type PluggedSource } from '../access/caller-sources.js';
import { grantsOf } from '../access/grants.js';
import { GrantedRights } from '../access/rights.js';
import type { PluggedCallers } from '../access/words.js';
import type { Config } from '../config/config.js';
import type { Plugins } from './load-plugins.js';
import { messageOf, PluginError } from './plugin-error.js';

/** In the order of the flags. */
export function callersOf({ loaded }: Plugins): PluggedCallers[] {
  return loaded.flatMap(({ plugin: { name, callers = [] } }) =>
    callers.map(({ rights }) => ({ plugin: name, grants: grantsOf('rights', rights) })),
  );
}

/** A configuration by which it is asked who makes requests where plug-ins know callers, whatever else says who is known. */
export function askingForCallersOf(plugins: Plugins, config: Config): Config {
  return callersOf(plugins).length === 0 ? config : { ...config, auth: { ...config.auth, byPlugins: true } };
}

/**
 * Has both interfaces ask the plug-ins that know callers. To be called before they listen: until then nobody is known by one.
 * @throws PluginError when a plug-in does not provide a source that it names
 */
export function plugInCallers({ loaded }: Plugins, app: INestApplicationContext): void {
  const sources = loaded.flatMap(({ source: file, plugin: { name: plugin, callers = [] } }) =>
    callers.map(({ source: Source, rights }): PluggedSource => {
      const atMost = new GrantedRights(grantsOf('rights', rights));
      try {
        return { plugin, name: Source.name, source: app.get<CallerSource>(Source, { strict: false }), atMost };
      } catch (error) {
        throw new PluginError(
          file,
          `its module does not provide the source of callers ${Source.name}`,
          messageOf(error),
        );
      }
    }),
  );
  if (sources.length === 0) return;
  const logger = new Logger('plug-ins');
  app.get(Callers, { strict: false }).sources = new CallerSources(sources, (problem) => logger.warn(problem));
}
