import { readFileSync } from 'node:fs';
import { parseDocument, type ParseOptions, type DocumentOptions, type SchemaOptions, type ToJSOptions } from 'yaml';
import { ConfigError } from './errors.js';

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
