import { readFileSync } from 'node:fs';
import { parseDocument, type ParseOptions, type DocumentOptions, type SchemaOptions, type ToJSOptions } from 'yaml';
import { ConfigError } from './errors.js';
import { isFlagName, type FlagName } from './flags.js';

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

/**
 * @param what - how the file is called in an error
 * @returns null for an empty file
 * @throws ConfigError when the file cannot be read or is not YAML
 */
export function readYamlFile(
  what: string,
  path: string,
  options: ParseOptions & DocumentOptions & SchemaOptions,
  result: ToJSOptions,
): unknown {
  try {
    const document = parseDocument(readFileSync(path, 'utf8'), { ...options, logLevel: 'error' });
    const [error] = document.errors;
    if (error?.code === 'MULTIPLE_DOCS') throw new Error('more than one document');
    if (error !== undefined) throw error;
    return document.contents === null ? null : (document.toJS(result) as unknown);
  } catch (error) {
    throw new ConfigError(`${what} ${path}: ${firstLine(error as Error)}`, 1);
  }
}

/** The lines after the first show the place in the file, which the first names too. */
function firstLine(error: Error): string {
  return error.message.split('\n', 1)[0].replace(/:$/, '');
}
