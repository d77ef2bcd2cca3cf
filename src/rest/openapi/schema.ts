/** The part of OpenAPI 3.0's schema objects that is used here. */
export interface Schema {
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  format?: string;
  description?: string;
  example?: unknown;
  default?: unknown;
  enum?: readonly string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  items?: SchemaOrRef;
  properties?: Record<string, SchemaOrRef>;
  required?: readonly string[];
  additionalProperties?: boolean | SchemaOrRef;
  oneOf?: readonly SchemaOrRef[];
  allOf?: readonly SchemaOrRef[];
}

export interface Ref {
  $ref: string;
}

export type SchemaOrRef = Schema | Ref;

const components = new Map<string, Schema>();

/** Makes a schema a named component of the document. Names are those of the types in generated clients. */
export function component(name: string, schema: Schema): Ref {
  if (components.has(name)) throw new Error(`two components are named ${name}`);
  components.set(name, schema);
  return { $ref: `#/components/schemas/${name}` };
}

/** Every named component, by name. */
export function allComponents(): Record<string, Schema> {
  return Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A reference with something said beside it, which OpenAPI 3.0 ignores next to a bare $ref. */
export function described(schema: SchemaOrRef, description: string): Schema {
  return '$ref' in schema ? { allOf: [schema], description } : { ...schema, description };
}
