import type { FastifyRequest } from 'fastify';
import { HOUR } from '../../../domain/history.js';
import type { Micros } from '../../../domain/time.js';
import { MINUTE } from '../../../domain/time.js';
import { invalidValue } from '../../../rest/errors/rest-error.js';
import { queryOf } from '../../../rest/http/path.js';
import { readable } from '../../../rest/names.js';
import { parseTime } from '../../../rest/time.js';
import type { AskedWindow } from '../history.service.js';

/** Nanoseconds in a microsecond. */
const NANOS = 1000;

/** The part of a history that a request asks for. @throws RestError (400) */
export function windowIn(request: FastifyRequest): AskedWindow {
  const from = timeIn(request, 'from');
  const to = timeIn(request, 'to');
  if (from !== undefined && to !== undefined && from > to) {
    throw invalidValue('from', queryOf(request).one('from')!, 'is behind to');
  }
  return { from, to, step: stepIn(request) };
}

function timeIn(request: FastifyRequest, name: 'from' | 'to'): Micros | undefined {
  const text = queryOf(request).one(name);
  if (text === undefined) return undefined;
  const moment = parseTime(text);
  if (moment === undefined) throw invalidValue(name, readable(text), 'must be a time of RFC 3339');
  return moment;
}

function stepIn(request: FastifyRequest): Micros | undefined {
  const text = queryOf(request).one('step');
  if (text === undefined) return undefined;
  const step = /^\d{1,16}$/.test(text) ? Number(text) / NANOS : NaN;
  const isPart = step % MINUTE === 0 && step > 0 && HOUR % step === 0;
  if (!isPart && !(step > 0 && step % HOUR === 0)) {
    throw invalidValue(
      'step',
      readable(text),
      'must be nanoseconds: minutes of which an hour has a whole number, or hours',
    );
  }
  return step;
}
