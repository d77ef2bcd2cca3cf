import type { OpenAPIObject } from '@nestjs/swagger';
import type { Schema, SchemaOrRef } from '../../src/rest/openapi/schema.js';

/** Checks answers against the OpenAPI document: that their status is described, and that their body is as described. */
export class SchemaCheck {
  private readonly routes: { path: RegExp; item: Record<string, Operation> }[];

  constructor(private readonly document: OpenAPIObject) {
    this.routes = Object.entries(document.paths).map(([path, item]) => ({
      path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
      item: item as unknown as Record<string, Operation>,
    }));
  }

  /** @returns what is not as described */
  problemsOf(method: string, url: string, status: number, body: unknown): string[] {
    const path = url.split('?', 1)[0];
    const operation = this.routes.find((route) => route.path.test(path))?.item[method.toLowerCase()];
    if (!operation) return [];
    const response = operation.responses[String(status)];
    if (!response) return [`${method} ${path} answers ${status}, which is not described`];
    const schema = response.content?.['application/json'].schema;
    if (!schema) return body === undefined ? [] : [`${method} ${path} answers ${status} with a body`];
    return this.check(schema, body, `${method} ${path} ${status}`);
  }

  private check(schemaOrRef: SchemaOrRef, value: unknown, at: string): string[] {
    const schema = this.resolve(schemaOrRef);
    const problems: string[] = [];
    const expect = (holds: boolean, what: string): void => {
      if (!holds) problems.push(`${at} ${what}: ${JSON.stringify(value)?.slice(0, 100)}`);
    };
    for (const part of schema.allOf ?? []) problems.push(...this.check(part, value, at));
    if (schema.oneOf) {
      const fitting = schema.oneOf.filter((one) => this.check(one, value, at).length === 0);
      expect(fitting.length === 1, `fits ${fitting.length} of the alternatives`);
    }
    if (schema.type) expect(isOfType(schema.type, value), `is no ${schema.type}`);
    if (schema.enum) expect(schema.enum.includes(value as string), `is none of ${schema.enum.join(', ')}`);
    if (typeof value === 'number') {
      expect(value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity), 'is out of range');
    }
    if (schema.format === 'date-time') expect(isTime(value), 'is no time');
    if (Array.isArray(value) && schema.items) {
      for (const [index, item] of value.entries()) problems.push(...this.check(schema.items, item, `${at}[${index}]`));
    }
    if (schema.type === 'object' && isObject(value)) {
      for (const key of schema.required ?? []) expect(key in value, `lacks ${key}`);
      for (const [key, member] of Object.entries(value)) {
        const property = schema.properties?.[key];
        if (property) problems.push(...this.check(property, member, `${at}.${key}`));
        else expect(schema.additionalProperties === true, `has the undescribed ${key}`);
      }
    }
    return problems;
  }

  private resolve(schema: SchemaOrRef): Schema {
    if (!('$ref' in schema)) return schema;
    const name = schema.$ref.replace('#/components/schemas/', '');
    const found = this.document.components?.schemas?.[name];
    if (!found) throw new Error(`the document has no schema ${name}`);
    return found as Schema;
  }
}

interface Operation {
  responses: Record<string, { content?: { 'application/json': { schema: SchemaOrRef } } } | undefined>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOfType(type: NonNullable<Schema['type']>, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/.test(value);
}
