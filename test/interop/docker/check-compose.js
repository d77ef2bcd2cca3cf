/** check-compose.js PROJECT.json PASSWORDS: what is to hold of the compose file beyond its being one. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

const [projectFile, passwordFile] = process.argv.slice(2);
const { services, networks, volumes } = JSON.parse(readFileSync(projectFile, 'utf8'));
const { coordinated, database, prometheus, grafana } = services;
const passwords = /^DATABASE_PASSWORD=([0-9a-f]{48})\nGRAFANA_PASSWORD=([0-9a-f]{24})\n$/.exec(
  readFileSync(passwordFile, 'utf8'),
);
assert.ok(passwords, 'the passwords are not made as docker/.env.example says');

assert.equal(coordinated.depends_on.database.condition, 'service_healthy');
assert.ok(database.healthcheck.test.length > 0);
assert.equal(coordinated.environment.PGPASSWORD, passwords[1]);
assert.equal(database.environment.POSTGRES_PASSWORD, passwords[1]);
assert.equal(grafana.environment.GF_SECURITY_ADMIN_PASSWORD, passwords[2]);
for (const { profiles } of [prometheus, grafana]) assert.deepEqual(profiles, ['monitoring']);
for (const { profiles } of [coordinated, database]) assert.equal(profiles, undefined);
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
