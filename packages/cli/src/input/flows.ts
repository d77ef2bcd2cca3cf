import { jsonText } from '../output/json.js';
import { UsageError } from '../errors.js';
import { type Definition, readYaml } from './definition.js';

/** A file of configuration. @throws UsageError */
export function readConfig(path: string): Definition {
  const value = readYaml(path) ?? {};
  if (isMap(value)) return value;
  throw new UsageError(`${path}: a configuration is a map`);
}

/**
 * The work specs of flows by name: their keys, joined by dots. Each gets `name`, and `config` with its own laid over. What is wrong
 * with any of them is told before anything is set. @throws UsageError
 */
export function flowsOf(flows: unknown, config: Definition): Map<string, Definition> {
  if (!isMap(flows)) throw new UsageError('there are no flows in the file');
  const specs = new Map<string, Definition>();
  for (const [name, spec] of specsIn(flows, '')) {
    specs.set(name, { ...spec, name, config: overlaid(config, isMap(spec.config) ? spec.config : {}) });
  }
  for (const [name, { then }] of specs) {
    if (then === undefined || (typeof then === 'string' && specs.has(then))) continue;
    throw new UsageError(`work spec ${name} goes on to ${jsonText(then)}, which is not in this flow`);
  }
  return specs;
}

function* specsIn(flow: Definition, prefix: string): Generator<[string, Definition]> {
  for (const [key, value] of Object.entries(flow)) {
    const name = prefix + key;
    if (!isMap(value)) throw new UsageError(`${name} is no work spec, nor a map of them`);
    if ('min_gb' in value) yield [name, value];
    else yield* specsIn(value, `${name}.`);
  }
}

/** A configuration with all that another says: maps are merged, null removes, everything else replaces. */
function overlaid(base: Definition, overlay: Definition): Definition {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overlay)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isMap(value) && isMap(before) ? overlaid(before, value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}
