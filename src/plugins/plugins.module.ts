import { type DynamicModule, Module } from '@nestjs/common';
import { AttemptsModule } from '../attempts/attempts.module.js';
import { HistoryModule } from '../live/history/history.module.js';
import { OverviewModule } from '../live/overview/overview.module.js';
import { LocksModule } from '../locks/locks.module.js';
import { NamespacesModule } from '../namespaces/namespaces.module.js';
import { WorkSpecsModule } from '../work-specs/work-specs.module.js';
import { WorkUnitsModule } from '../work-units/work-units.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import type { Plugins } from './load-plugins.js';
import type { Plugin } from './plugin.js';

/** Modules whose services plug-ins are given where they ask for them. */
const FOR_PLUGINS = [
  AttemptsModule,
  HistoryModule,
  LocksModule,
  NamespacesModule,
  OverviewModule,
  WorkersModule,
  WorkSpecsModule,
  WorkUnitsModule,
];

/** Plug-ins as a part of the daemon; where there are none, nothing. */
@Module({})
export class PluginsModule {
  static of({ loaded }: Plugins): DynamicModule[] {
    const modules = loaded.flatMap(({ plugin }) => plugin.module ?? []);
    if (modules.length === 0) return [];
    return [
      { module: PluginsModule, global: true, imports: FOR_PLUGINS, exports: FOR_PLUGINS },
      ...modules.map(asModule),
    ];
  }
}

function asModule(module: NonNullable<Plugin['module']>): DynamicModule {
  return 'module' in module ? module : { module };
}
