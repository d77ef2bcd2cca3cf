import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';

/**
 * The limit of REST: a Fastify route without validation, hooks or logging that answers a fixed body, of the size of an
 * answer to request_attempts, to whatever is posted.
 */
const attempt = '/namespace/-/work_spec/load/work_unit/unit-000000001/attempt/w1/0';
const body = JSON.stringify({
  work_spec_url: '/namespace/-/work_spec/load',
  attempts: [
    {
      url: attempt,
      work_unit_url: '/namespace/-/work_spec/load/work_unit/unit-000000001',
      worker_url: '/namespace/-/worker/w1',
      start_time: '2026-11-01T00:00:00.000000Z',
      status: 'pending',
      data: { x: 1 },
      end_time: '0001-01-01T00:00:00Z',
      expiration_time: '2026-11-01T00:15:00.000000Z',
      renew_url: `${attempt}/renew`,
      expire_url: `${attempt}/expire`,
      finish_url: `${attempt}/finish`,
      fail_url: `${attempt}/fail`,
      retry_url: `${attempt}/retry`,
      work_spec: 'load',
      work_unit: 'unit-000000001',
    },
  ],
});

const app = Fastify();
app.post('/*', (_request, reply) => reply.type('application/json').send(body));
await app.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
const { port } = app.server.address() as AddressInfo;
process.stdout.write(`listening on 127.0.0.1:${port}\n`);
process.on('SIGTERM', () => process.exit(0));
