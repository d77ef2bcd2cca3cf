import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { buildCli, buildClient, buildDaemon, buildExamples } from './build.js';
import { PostgresServer, type PostgresVersion } from './postgres-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of what the test files share, which `shared` asks for. */
    sharedThings: string;
  }
}

/**
 * What is made once for the whole run, and only when a test asks for it: the built daemon, client, command and examples, and
 * a PostgreSQL of each version. The test files run in processes of their own and ask this one over HTTP.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers: PostgresServer[] = [];
  const make = async (path: string): Promise<string> => {
    if (path === '/daemon') return buildDaemon();
    if (path === '/client') return buildClient();
    if (path === '/cli') return buildCli();
    if (path === '/examples') return buildExamples();
    const version = path.slice('/postgres/'.length) as PostgresVersion;
    // Nobody cuts its power: those that are killed are servers of their own.
    const server = await PostgresServer.create({ version, flags: ['fsync=off', 'full_page_writes=off'] });
    servers.push(server);
    await server.start();
    return String(server.port);
  };

  const things = new Map<string, Promise<string>>();
  const broker = createServer((request, response) => {
    const path = request.url!;
    let thing = things.get(path);
    if (!thing) things.set(path, (thing = make(path)));
    thing.then(
      (text) => response.end(text),
      (error: Error) => {
        response.statusCode = 500;
        response.end(error.message);
      },
    );
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  project.provide('sharedThings', `http://127.0.0.1:${(broker.address() as AddressInfo).port}`);
  return async () => {
    broker.close();
    broker.closeAllConnections();
    await Promise.allSettled(things.values());
    await Promise.all(servers.map((server) => server.remove()));
  };
}
