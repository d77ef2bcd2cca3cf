import type { Scalar } from 'yaml';
import { Document, visit } from 'yaml';
import { spelled } from './json.js';
import { hasUnsafe, safeJson } from './safe.js';

/** YAML of a value, integers of any size exactly; what a terminal would carry out is escaped. Ends with a break of line. */
export function yamlText(value: unknown): string {
  const document = new Document(spelled(value), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node: Scalar) => {
      if (typeof node.value !== 'string' || !hasUnsafe(node.value.replaceAll('\n', ''))) return;
      node.type = 'QUOTE_DOUBLE';
    },
  });
  return safeJson(document.toString({ lineWidth: 0 }));
}
