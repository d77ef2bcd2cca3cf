import Fastify from 'fastify';
import type { FastifyReply } from 'fastify';
import { describe, expect, test } from 'vitest';
import { withoutWaiting } from '../../src/rest/http/without-waiting.js';

describe('a handler that nobody waits for', () => {
  const answerError = (error: unknown, reply: FastifyReply): void => {
    void reply.code(500).send((error as Error).message);
  };

  test('may return the reply without anybody listening for its end', async () => {
    const app = Fastify();
    let listeners: number | undefined;
    const handler = async (_request: unknown, reply: FastifyReply): Promise<FastifyReply> => {
      await Promise.resolve();
      const { raw } = reply;
      const before = raw.listenerCount('finish');
      setImmediate(() => {
        listeners = raw.listenerCount('finish') - before;
        void reply.send('answered');
      });
      return reply;
    };
    app.get('/', withoutWaiting(handler, answerError));
    const answer = await app.inject('/');
    expect(answer.body).toBe('answered');
    expect(listeners).toBe(0);
  });

  test('is answered for when it throws after all', async () => {
    const app = Fastify();
    app.get(
      '/',
      withoutWaiting(() => Promise.reject(new Error('filter broken')), answerError),
    );
    const answer = await app.inject('/');
    expect([answer.statusCode, answer.body]).toEqual([500, 'filter broken']);
  });
});
