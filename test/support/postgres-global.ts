import type { TestProject } from 'vitest/node';
import { createServer } from 'node:http';
import { PostgresServer } from './postgres-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for the PostgreSQL of this run. */
    postgresBroker: string;
  }
}

/**
 * One PostgreSQL for the whole run, started when the first test asks for it. The test files run in processes of their own
 * and ask this one over HTTP.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = new Map<string, Promise<PostgresServer>>();
  const broker = createServer((request, response) => {
    const version = request.url!.slice(1);
    let server = servers.get(version);
    if (!server) servers.set(version, (server = started(version as '18')));
    server.then(
      ({ port }) => response.end(String(port)),
      (error: Error) => {
        response.statusCode = 500;
        response.end(error.message);
      },
    );
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  project.provide('postgresBroker', `http://127.0.0.1:${(broker.address() as { port: number }).port}`);
  return async () => {
    broker.close();
    for (const server of await Promise.allSettled(servers.values())) {
      if (server.status === 'fulfilled') await server.value.remove();
    }
  };
}

async function started(version: '18' | '15' | 'system'): Promise<PostgresServer> {
  const server = await PostgresServer.create({ version });
  await server.start();
  return server;
}
