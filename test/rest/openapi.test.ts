import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Schema } from '../../src/rest/openapi/schema.js';
import { RestApp } from './app.js';

interface Content {
  'application/json': { schema: Schema; example?: unknown; examples?: object };
}

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  parameters?: { name: string; in: string; required: boolean; description: string; schema: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}

let rest: RestApp;
let document: OpenAPIObject;
let operations: [route: string, operation: Operation][];
beforeAll(async () => {
  rest = await RestApp.start();
  document = (await rest.get('/openapi.json')).json as OpenAPIObject;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as [string, Operation],
    ),
  );
});
afterAll(() => rest.stop());

/** The routes that lack something. */
const lacking = (has: (operation: Operation) => boolean): string[] =>
  operations.filter(([, operation]) => !has(operation)).map(([route]) => route);

describe('the OpenAPI document', () => {
  it('is of the version that all generators read, and says nothing that they stumble over', () => {
    expect(document.openapi).toBe('3.0.3');
    const text = JSON.stringify(document);
    for (const word of ['"nullable"', '"uri"', '"uri-template"', 'vnd.diffeo', 'text/json'])
      expect(text).not.toContain(word);
  });

  it('opens on a guide that names operations there are', () => {
    const ids = new Set(operations.map(([, { operationId }]) => operationId));
    const named = [...document.info.description!.matchAll(/`([a-z]+(?:[A-Z][a-z]+)+)`/g)].map(([, id]) => id);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('names every operation as a method, each by itself', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]*)+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      lacking(({ summary, description, tags }) => summary !== '' && description !== '' && tags.length === 1),
    ).toEqual([]);
  });

  it('describes every parameter, those of paths with an example', () => {
    const isWhole = ({ name, in: place, description, schema }: NonNullable<Operation['parameters']>[number]): boolean =>
      description !== '' &&
      (place !== 'path' || schema.example !== undefined) &&
      (name !== 'limit' || (schema.minimum === 1 && schema.maximum === Number.MAX_SAFE_INTEGER));
    expect(lacking(({ parameters = [] }) => parameters.every(isWhole))).toEqual([]);
    for (const [route, { parameters = [] }] of operations) {
      const named = parameters.filter(({ in: place }) => place === 'path').map(({ name }) => `{${name}}`);
      expect(route.match(/\{\w+\}/g) ?? []).toEqual(named);
    }
  });

  it('has nothing that a form would send along unasked', () => {
    const isEmpty = ({ in: place, required, schema }: NonNullable<Operation['parameters']>[number]): boolean =>
      place !== 'query' || (!required && schema.example === undefined && schema.default === undefined);
    expect(lacking(({ parameters = [] }) => parameters.every(isEmpty))).toEqual([]);
  });

  it('lets a name in a path be anything, and says what the last part of an attempt is', () => {
    const isRight = ({ name, in: place, schema }: NonNullable<Operation['parameters']>[number]): boolean => {
      if (place !== 'path') return true;
      return name === 'start' ? new RegExp(schema.pattern!).test(schema.example as string) : !('pattern' in schema);
    };
    expect(lacking(({ parameters = [] }) => parameters.every(isRight))).toEqual([]);
  });

  it('has an example of every body and answer, errors included, and nothing in a 204', () => {
    expect(lacking(({ requestBody }) => !requestBody || !!requestBody.content['application/json'].examples)).toEqual(
      [],
    );
    // Events, and pages that a browser is led to, are not JSON.
    const TYPES = new Set(['application/json', 'text/event-stream', 'text/html']);
    const isWhole = ([status, { description, content }]: [string, Operation['responses'][string]]): boolean => {
      if (status === '204') return !content;
      const types = Object.keys(content ?? {});
      return (
        description !== '' &&
        types.every((type) => TYPES.has(type)) &&
        (!content || Object.values(content).every(hasExample))
      );
    };
    const hasExample = ({ example }: Content['application/json']): boolean => example !== undefined;
    const but = ({ responses }: Operation) => Object.entries(responses).filter(([status]) => status !== 'default');
    expect(lacking((operation) => but(operation).every(isWhole))).toEqual([]);
  });

  it('describes each error status by itself', () => {
    const service = ['/openapi.json', '/docs', '/metrics', '/healthz', '/readyz'];
    for (const [route, { responses, requestBody }] of operations) {
      if (service.some((path) => route.endsWith(path))) continue;
      const expected = ['400', '405', '406', '414', '429', '431', '500', '503', ...(requestBody ? ['413', '415'] : [])];
      if (route.includes('/work_spec/{spec}')) expected.push('404');
      if (route.includes('/attempt/')) expected.push('410');
      expect([route, expected.filter((status) => !(status in responses))]).toEqual([route, []]);
    }
  });
});
