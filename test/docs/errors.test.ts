import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorName } from '../../src/domain/error-table.js';
import * as errors from '../../src/domain/errors.js';
import { CoordinateError } from '../../src/domain/errors.js';
import { answerOf } from '../../src/rest/errors/error-body.js';
import { errorReference } from '../../src/rest/openapi/error-reference.js';
import { ERROR_KINDS } from '../../src/rest/openapi/errors.js';
import { ROOT } from './pages.js';

const NAMES = Object.keys(ERRORS) as ErrorName[];

/** One of each class of errors that the model has, made with whatever it asks for. */
const made = Object.values(errors)
  .filter((Class) => Class.prototype instanceof CoordinateError)
  .map((Class) => new (Class as new (...args: unknown[]) => CoordinateError)('x', 'limit'));

it('docs/errors.md is what npm run error-docs writes', async () => {
  const path = join(ROOT, 'docs/errors.md');
  const expected = await format(errorReference(), { ...(await resolveConfig(path)), parser: 'markdown' });
  expect(readFileSync(path, 'utf8')).toBe(expected);
});

describe('the table of errors', () => {
  it('has every name of the specification', () => {
    expect(NAMES.toSorted()).toEqual(
      [
        ['ErrNoWorkSpecName', 'ErrBadWorkSpecName', 'ErrChangedName', 'ErrNoSuchWorkSpec', 'ErrNoSuchWorkUnit'],
        ['ErrLostLease', 'ErrNotPending', 'ErrPending', 'ErrCannotBecomeContinuous', 'ErrNoWork', 'ErrWorkUnitNotList'],
        ['ErrWorkUnitTooShort', 'ErrBadPriority', 'ErrGone', 'ErrWrongBackend', 'error', 'ErrNoSchedule'],
      ]
        .flat()
        .toSorted(),
    );
  });

  it('gives every class its status and its message, and every name that answers have a class', () => {
    for (const error of made) {
      const { status, message } = ERRORS[error.code];
      expect(answerOf(error)).toMatchObject({ status, body: { error: error.code } });
      expect(error.message).toMatch(new RegExp(`^${pattern(message)}$`));
    }
    const answered = NAMES.filter((name) => ERRORS[name].overRest);
    expect(made.map(({ code }) => code)).toEqual(expect.arrayContaining(answered));
  });

  it('is what the OpenAPI document says of a status', () => {
    for (const name of NAMES) {
      if (name === 'error') continue;
      const { status, overRest } = ERRORS[name];
      const described = Object.entries(ERROR_KINDS).filter(([, { description }]) =>
        new RegExp(`\\b${name}\\b`).test(description),
      );
      expect(
        described.map(([of]) => Number(of)),
        name,
      ).toEqual(overRest ? [status] : []);
    }
  });
});

/** A message of the table as an expression in which the words in capitals stand for anything. */
function pattern(message: string): string {
  return message.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\b[A-Z]{4,}\b/g, '.*');
}
