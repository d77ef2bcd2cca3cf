/** check-compose-tokens.js WITH_TOKENS.json PROJECT.json: what compose.tokens.yaml makes of the services beside compose.yaml. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

const [asked, open] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')).services);
const { environment, ports, volumes } = asked.coordinated;
const folder = volumes.find(({ source }) => source.endsWith('/callers'));
assert.ok(folder, 'the folder of callers is not mounted');
assert.equal(environment.COORDINATE_AUTH_TOKENS, `${folder.target}/callers.yaml`);
assert.ok(folder.read_only, 'the daemon could write its callers');
assert.ok(existsSync(`${folder.source}/callers.yaml.example`), 'there is no example of callers');
assert.deepEqual(
  ports.map(({ host_ip, published, target }) => [host_ip, published, target]),
  [
    [undefined, '5932', 5932],
    [undefined, '5980', 5980],
  ],
  'it is not open to other machines, or more than it should be',
);
// Nothing else is another.
const others = { ...asked, coordinated: undefined };
const before = { ...open, coordinated: undefined };
assert.deepEqual(others, before);
for (const [name, value] of Object.entries(open.coordinated.environment)) assert.equal(environment[name], value, name);
process.stdout.write('compose.tokens.yaml: callers are asked for\n');
