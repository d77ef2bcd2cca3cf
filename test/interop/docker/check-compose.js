/** check-compose.js PROJECT.json: what is to hold of the compose file beyond its being one. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

const { services, networks, volumes } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { coordinated, database } = services;

assert.equal(coordinated.depends_on.database.condition, 'service_healthy');
assert.ok(database.healthcheck.test.length > 0);
// A dollar sign in a password is written twice in what compose prints.
assert.equal(coordinated.environment.PGPASSWORD.replaceAll('$$', '$'), 'p$ss word');
assert.equal(database.environment.POSTGRES_PASSWORD, coordinated.environment.PGPASSWORD);
assert.equal(database.ports, undefined, 'the database is published');
assert.ok(networks.database.internal, 'the database has a way out');
assert.ok('database' in volumes);

for (const [name, { image, ports = [], volumes: mounts = [], build }] of Object.entries(services)) {
  if (build === undefined) assert.match(image, /:v?\d+\.\d+/, `${name}: a version of ${image} is not pinned`);
  for (const port of ports) assert.equal(port.host_ip, '127.0.0.1', `${name} is open to the network`);
  for (const { type, source } of mounts) {
    if (type === 'bind') assert.ok(existsSync(source), `${name}: there is no ${source}`);
  }
}
const published = coordinated.ports.map(({ published, target }) => `${published}:${target}`);
assert.deepEqual(published, ['5932:5932', '5980:5980']);
process.stdout.write(`compose.yaml: ${Object.keys(services).join(', ')}\n`);
