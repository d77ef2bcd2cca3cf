import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Type } from '@nestjs/common';
import type { OpenRepositories } from '../storage/repositories.js';
import { checkPlugin, takenBy } from './check-plugin.js';
import type { ModuleLike } from './declared.js';
import { guard } from './guard.js';
import { importOutside } from './import-outside.js';
import { importPackage, isMissing, shareOwnExports } from './own-exports.js';
import type { Plugin } from './plugin.js';
import { messageOf, PluginError } from './plugin-error.js';

/** A plug-in that may be a part of the daemon. */
export interface LoadedPlugin {
  /** The file or package, as it was given. */
  readonly source: string;
  /** The URL of a file. */
  readonly place: string | undefined;
  readonly plugin: Plugin;
  /** Its controllers. */
  readonly classes: ReadonlySet<Type>;
}

export interface Plugins {
  readonly loaded: readonly LoadedPlugin[];
}

export const NO_PLUGINS: Plugins = { loaded: [] };

/**
 * Loads plug-ins, and looks whether they may be a part of the daemon.
 * @param sources - files and packages, as -plugin has them
 * @param house - the modules of the daemon whose methods and routes are taken
 * @throws PluginError
 */
export async function loadPlugins(sources: readonly string[], house: readonly ModuleLike[]): Promise<Plugins> {
  if (sources.length === 0) return NO_PLUGINS;
  await shareOwnExports();
  const taken = await takenBy(house);
  const loaded: LoadedPlugin[] = [];
  for (const source of sources) {
    const { default: given } = (await load(source)) as { readonly default?: unknown };
    const { plugin, controllers } = await checkPlugin(source, given, taken);
    for (const controller of controllers) guard(plugin.name, controller);
    const file = fileOf(source);
    loaded.push({ source, place: file && pathToFileURL(file).href, plugin, classes: controllers });
  }
  return { loaded };
}

async function load(source: string): Promise<object> {
  const file = fileOf(source);
  if (file !== undefined && !existsSync(file)) throw new PluginError(source, `there is no file ${file}`);
  try {
    return await (file === undefined ? importPackage(source) : importOutside(pathToFileURL(file).href));
  } catch (error) {
    if (file === undefined && isMissing(error, source)) {
      throw new PluginError(source, `there is no such package in ${process.cwd()}, nor beside the daemon`, error);
    }
    throw new PluginError(source, `cannot be loaded: ${messageOf(error)}`, error);
  }
}

/** The file that is meant; undefined: it is a package. */
function fileOf(source: string): string | undefined {
  if (source.startsWith('file:')) return fileURLToPath(source);
  return /^(?:\/|\.\.?\/|[a-z]:[\\/])/i.test(source) ? resolve(source) : undefined;
}

/** The backends of plug-ins, by name. What they throw as they are opened says whose they are. */
export function backendsOf({ loaded }: Plugins): ReadonlyMap<string, OpenRepositories> {
  const entries = loaded.flatMap(({ source, plugin: { backends = {} } }) =>
    Object.entries(backends).map(([name, open]): [string, OpenRepositories] => [
      name,
      async (options) => {
        try {
          return await open(options);
        } catch (error) {
          throw new PluginError(source, `its backend ${name} cannot be opened: ${messageOf(error)}`, error);
        }
      },
    ]),
  );
  return new Map(entries);
}
