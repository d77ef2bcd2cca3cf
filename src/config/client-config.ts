import type { ScalarTag, Tags } from 'yaml';
import { ConfigError } from './errors.js';
import { readYamlFile } from './yaml-file.js';

/**
 * The mapping of the `-config` file: Maps, arrays, strings, numbers, booleans, null and Uint8Arrays (`!!binary`). Maps
 * rather than objects, so that keys keep their type on the wire.
 */
export type ClientConfig = ReadonlyMap<unknown, unknown>;

/** @throws ConfigError when the file cannot be read, is not YAML or not a mapping */
export function readClientConfig(path: string): ClientConfig {
  const content =
    readYamlFile('config file', path, { version: '1.1', customTags: pythonTags }, { mapAsMap: true }) ?? new Map();
  if (!(content instanceof Map)) throw new ConfigError(`config file ${path}: not a mapping`, 1);
  return content as ClientConfig;
}

/** YAML 1.1 as the Python daemon read it (`yes` is true, `y` is not, `<<` merges), less what CBOR clients have no type for. */
function pythonTags(tags: Tags): Tags {
  return [...tags.filter((tag) => !LEFT_OUT.has(shortName(typeof tag === 'string' ? tag : tag.tag))), boolean];
}

const LEFT_OUT = new Set(['timestamp', 'set', 'omap', 'pairs', 'bool']);

const shortName = (tag: string): string => tag.slice(tag.lastIndexOf(':') + 1);

const boolean: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
};
