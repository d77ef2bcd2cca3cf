import { ConfigError } from './errors.js';
import { isFlagName, type FlagName } from './flags.js';
import { readYamlFile } from './yaml-file.js';

/**
 * Reads `--settings FILE.yaml`: a mapping of flag names, without dashes, to values written as on the command line.
 * @throws ConfigError
 */
export function readSettings(path: string): ReadonlyMap<FlagName, string> {
  // In the failsafe schema every scalar is the text that stands in the file: 0777, 1e3 and yes are not read as numbers.
  const content = readYamlFile('settings file', path, { schema: 'failsafe' }, { mapAsMap: true }) ?? new Map();
  if (!(content instanceof Map)) throw new ConfigError(`settings file ${path}: not a mapping of flags to values`, 1);
  const settings = new Map<FlagName, string>();
  for (const [name, value] of content as Map<unknown, unknown>) {
    if (typeof name !== 'string' || !isFlagName(name)) {
      throw new ConfigError(`settings file ${path}: unknown setting ${JSON.stringify(name)}`, 1);
    }
    if (typeof value !== 'string') throw new ConfigError(`settings file ${path}: ${name} is not a single value`, 1);
    settings.set(name, value);
  }
  return settings;
}
