// What is expected of the example plug-ins, in a folder where the daemon's package and they are installed: run.sh makes it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import process from 'node:process';
import test from 'node:test';
import { CborRpcClient } from 'coordinate-client';

const CLOSED = { once: true };

/** Starts the daemon with plug-ins; it ends with the test. @returns its address, and what it has said so far */
async function daemonWith(t, plugins, env = {}, backend = 'memory') {
  const flags = plugins.flatMap((plugin) => ['-plugin', plugin]);
  const program = 'node_modules/coordinate-daemon/bin/coordinated.js';
  const servers = ['-backend', backend, '-http', '127.0.0.1:0', '-cborrpc', '127.0.0.1:0', '-log-format', 'json'];
  const child = spawn(process.execPath, [program, ...servers, ...flags], { env: { ...process.env, ...env } });
  t.after(() => child.kill('SIGKILL'), CLOSED);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = once(child, 'close');
  await until(() => / HTTP on /.test(said) || child.exitCode !== null);
  if (child.exitCode !== null) await ended;
  const url = /HTTP on (\S+)/.exec(said)?.[1];
  const rpc = /CBOR-RPC on (\S+)/.exec(said)?.[1];
  return { url: url && `http://${url}`, rpc, said: () => said, code: () => child.exitCode };
}

/** Waits for as long as it takes: the stage has a longest time of its own. */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function send(method, url, body, more = {}) {
  const headers = { 'content-type': 'application/json', ...more };
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

/** A webhook that answers as it is told, and notes what comes. */
async function webhook(t, answers) {
  const came = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    came.push({ url: request.url, key: request.headers['idempotency-key'], body: JSON.parse(body) });
    const answer = answers.shift() ?? { status: 204 };
    // One that never comes.
    if (answer.status === undefined) return;
    response.writeHead(answer.status, answer.headers).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => (server.closeAllConnections(), server.close()));
  return { came, url: `http://127.0.0.1:${server.address().port}/hook` };
}

/** Adds a unit to a spec, and has a worker finish it or fail it. */
async function workOn(url, spec, unit, how) {
  const home = `${url}/namespace/n`;
  await send('POST', `${home}/work_spec`, { data: { name: spec } });
  await send('POST', `${home}/work_spec/${spec}/add`, { work_units: [{ name: unit }] });
  const { json } = await send('POST', `${home}/worker/w/request_attempts`, { work_spec_names: [spec] });
  await send('POST', url + json.attempts[0][`${how}_url`], {});
}

test('tally: a package has methods and routes with rights, in the OpenAPI document', async (t) => {
  const { url } = await daemonWith(t, ['coordinate-plugin-tally']);
  await workOn(url, 'crawl-a', 'u', 'fail');
  await send('POST', `${url}/namespace/n/work_spec`, { data: { name: 'other' } });
  const tally = `${url}/namespace/n/tally`;
  assert.deepEqual((await send('GET', `${tally}?prefix=crawl`)).json, { specs: 1, open: 0, failed: 1 });
  assert.equal((await send('POST', tally, { prefix: 'crawl', paused: true })).status, 204);
  assert.equal((await send('GET', `${url}/namespace/n/work_spec/crawl-a/meta`)).json.paused, true);
  assert.equal((await send('POST', tally, { prefix: 1 })).status, 400);
  const { paths } = (await send('GET', `${url}/openapi.json`)).json;
  const { get, post } = paths['/namespace/{namespace}/tally'];
  assert.deepEqual([get['x-right'], post['x-right'], get.tags], ['read', 'admin', ['Plug-ins']]);
});

test('notifier: a file posts what is drained or failing, again where it did not get there', async (t) => {
  const hook = await webhook(t, [{ status: 503 }, {}]);
  const env = { NOTIFIER_URL: hook.url, NOTIFIER_WAIT_MS: '10', NOTIFIER_TIMEOUT_MS: '300' };
  const { url } = await daemonWith(t, ['./coordinate-plugin-notifier/dist/index.js'], env);
  await workOn(url, 's', 'u', 'fail');
  const types = () => hook.came.map(({ body }) => body.type);
  await until(() => types().includes('failing'));
  // Refused once, not answered once, taken the third time: by the same key.
  assert.deepEqual(types(), ['drained', 'drained', 'drained', 'failing']);
  assert.equal(new Set(hook.came.map(({ key }) => key)).size, 2);
  const { time, ...drained } = hook.came[0].body;
  assert.deepEqual(drained, { namespace: 'n', type: 'drained', url: '/namespace/n/work_spec/s', name: 's' });
  assert.ok(Date.parse(time) > 0);
});

test('notifier: nothing is posted to where an answer leads, and what does not get there is logged', async (t) => {
  const elsewhere = await webhook(t, []);
  const hook = await webhook(t, [{ status: 307, headers: { location: elsewhere.url } }]);
  const { url, said } = await daemonWith(t, ['coordinate-plugin-notifier'], { NOTIFIER_URL: hook.url });
  await workOn(url, 's', 'u', 'finish');
  await until(() => said().includes('plug-in notifier: its observer Notifier throws: '));
  assert.match(said(), /answers 307: where that leads is not followed/);
  assert.equal(hook.came.length, 1);
  assert.equal(elsewhere.came.length, 0);
});

test('notifier: without an address to post to the daemon does not start', async (t) => {
  const { said, code } = await daemonWith(t, ['coordinate-plugin-notifier'], { NOTIFIER_URL: 'ftp://example.com/' });
  assert.equal(code(), 1);
  assert.match(
    said(),
    /^coordinated: plug-in coordinate-plugin-notifier: cannot be loaded: NOTIFIER_URL must be .*\n$/,
  );
});

const SECRET = 'a secret of more than twenty characters';

/** What a client puts into `x-signature`, or into the token of hello. */
function signature(what, secret = SECRET, seconds = Math.floor(Date.now() / 1000)) {
  return `signed.ci.${seconds}.${createHmac('sha256', secret).update(`${what}\n${seconds}`).digest('hex')}`;
}

test('signed: whoever signs is known at both doors, and may do what the file of keys says and the plug-in declares', async (t) => {
  writeFileSync('keys.json', JSON.stringify({ ci: { secret: SECRET, rights: { n: ['submit', 'admin'] } } }));
  const { url, rpc, said } = await daemonWith(t, ['coordinate-plugin-signed'], { SIGNED_KEYS: 'keys.json' });
  const path = '/namespace/n/work_spec';
  const signed = (method, text, ...how) => ({ 'x-signature': signature(`${method} ${text}`, ...how) });
  const statusOf = async (method, headers, body) => (await send(method, url + path, body, headers)).status;
  assert.equal(await statusOf('GET', {}), 401);
  assert.equal(await statusOf('GET', signed('GET', path)), 200);
  for (const wrong of [
    signed('POST', path),
    signed('GET', `${path}/x`),
    signed('GET', path, 'another secret of more than twenty'),
    signed('GET', path, SECRET, Math.floor(Date.now() / 1000) - 120),
    { 'x-signature': 'signed.nonsense' },
  ])
    assert.equal(await statusOf('GET', wrong), 401);
  // Its file says admin, the plug-in declares less.
  assert.equal(await statusOf('POST', signed('POST', path), { data: { name: 's' } }), 403);
  const client = new CborRpcClient({ address: rpc, token: signature('hello n'), namespace: 'n' });
  t.after(() => client.close());
  assert.ok(await client.call('list_work_specs', {}));
  await assert.rejects(client.call('set_work_spec', { name: 's' }), /"ci" does not have the right define/);
  await until(() => said().includes('"action":"set_work_spec"'));
  assert.match(said(), /"door":"rpc","caller":"ci","plugin":"signed",.*"action":"set_work_spec",.*"outcome":"denied"/);
});

test('distant: a package brings a backend, which takes its time', async (t) => {
  const { url, said } = await daemonWith(t, ['coordinate-plugin-distant'], {}, 'distant:50');
  // Short of four times 50 ms by what a timer may be early.
  const begun = performance.now();
  await workOn(url, 's', 'u', 'finish');
  assert.ok(performance.now() - begun >= 190);
  assert.match(said(), /storage distant\b/);
  assert.equal((await send('GET', `${url}/namespace/n/work_spec/s/work_unit/u`)).json.status, 'finished');
});
