import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Coordinate, Tuple } from 'coordinate-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ran, run, type RunOptions } from './io.js';
import { startAll } from './started.js';

let url: string;
let folder: string;
let coordinate: Coordinate;
let namespaces = 0;

beforeAll(async () => {
  const started = await startAll(['-cborrpc', 'off']);
  ({ url, folder, coordinate } = started);
  return () => started.stop();
});

interface Place {
  readonly own: Coordinate;
  /** Runs the command in that namespace. */
  readonly cli: (argv: readonly string[], options?: RunOptions) => Promise<Ran>;
}

/** A namespace in which nothing is yet. */
function place(): Place {
  const namespace = `namespace ${namespaces++}`;
  return {
    own: coordinate.in(namespace),
    cli: (argv, { env, ...options } = {}) =>
      run(argv, { ...options, env: { COORDINATE_URL: url, COORDINATE_NAMESPACE: namespace, ...env } }),
  };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const json = ({ stdout }: Ran): unknown => JSON.parse(stdout);

describe('work specs', () => {
  it('are set, shown, counted, paused, and deleted once it is sure', async () => {
    const { own, cli } = place();
    expect(await cli(['spec', 'set', 's', 'max_retries=3', 'big=18446744073709551615'])).toMatchObject({
      status: 0,
      stdout: 's is set\n',
    });
    expect(await own.spec('s').get()).toEqual({ name: 's', max_retries: 3, big: 2n ** 64n - 1n });
    await cli(['spec', 'set', 's', 'max_retries=null', 'weight=7']);
    const shown = await cli(['spec', 'show', 's', '-o', 'json']);
    expect(shown.stdout).toContain('"big": 18446744073709551615');
    expect(json(shown)).toMatchObject({ name: 's', control: { weight: 7, paused: false }, counts: { total: 0 } });

    await own.spec('s').add(['a', 'b']);
    expect(json(await cli(['spec', 'counts', 's', '--json']))).toMatchObject({ available: 2, total: 2 });
    expect((await cli(['spec', 'pause', 's'])).stdout).toBe('s is paused\n');
    expect((await own.spec('s').meta()).paused).toBe(true);
    await cli(['resume', 's']);
    expect((await own.spec('s').meta()).paused).toBe(false);

    expect(await cli(['spec', 'delete', 's'])).toMatchObject({
      status: 2,
      stderr: 'coordinate: this would delete the work spec s and its 2 units: say --yes, since nobody can be asked\n',
    });
    expect(await cli(['spec', 'delete', 's'], { isTerminal: true, stdin: 'n\n' })).toMatchObject({ status: 1 });
    expect(await own.spec('s').counts()).toMatchObject({ available: 2 });
    const deleted = await cli(['spec', 'delete', 's'], { isTerminal: true, stdin: 'y\n' });
    expect(deleted).toMatchObject({ status: 0, stdout: 's is deleted, with 2 units\n' });
    expect(deleted.stderr).toContain('This will delete the work spec s and its 2 units. Go on? [y/N]');
    expect(await cli(['spec', 'show', 's'])).toMatchObject({ status: 3 });
  });

  it('are listed with their counts, in every form', async () => {
    const { own, cli } = place();
    await own.spec('empty').set();
    await own.spec('full').set();
    await own.spec('full').add(['a', 'b']);
    expect((await cli(['summary'])).stdout.replace(/ +/g, ' ')).toBe(
      'WORK SPEC STATE AVAILABLE PENDING FINISHED FAILED DELAYED TOTAL NEXT SLOT WHY\n' +
        'empty empty 0 0 0 0 0 0\nfull waiting 2 0 0 0 0 2 nobody has claimed it yet\n',
    );
    const records = json(await cli(['spec', 'list', '-o', 'json']));
    expect(records).toMatchObject([
      { name: 'empty', total: 0, state: 'empty' },
      { name: 'full', available: 2, state: 'waiting', why: 'nobody has claimed it yet' },
    ]);
    const lines = (await cli(['spec', 'list', '-o', 'jsonl'])).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(records);
    expect((await cli(['spec', 'list', '-o', 'yaml'])).stdout).toContain('- name: full\n  available: 2\n');
    expect((await cli(['work_specs'])).stdout).toBe('empty\nfull\n');
    const everywhere = json(await cli(['spec', 'list', '--all-namespaces', '--json']));
    expect(everywhere).toContainEqual(expect.objectContaining({ namespace: own.namespace, name: 'full', total: 2 }));
  });

  it('say why nothing of them is done, and when their next unit comes', async () => {
    const { own, cli } = place();
    await own.spec('first').set();
    await own.spec('first').add(['u']);
    await own.spec('last').set({ flow: { after: ['first'] } });
    await own.spec('last').add(['u']);
    await own.spec('none').set();
    await own.spec('none').changeMeta({ weight: 0 });
    await own.spec('none').add(['u']);
    await own.spec('yearly').set({ flow: { schedule: { cron: '0 0 1 1 *' } } });
    const listed = json(await cli(['spec', 'list', '--json'])) as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(['first', 'last', 'none', 'yearly']);
    expect(listed).toMatchObject([
      { state: 'waiting' },
      { state: 'blocked', why: 'comes after first' },
      { state: 'waiting', why: 'a weight of 0 is never handed out' },
      { state: 'scheduled', why: '', nextSlot: expect.stringMatching(/^\d{4}-01-01T00:00:00/) as string },
    ]);
    const table = (await cli(['spec', 'list'])).stdout;
    expect(table).toMatch(/^last +blocked +1 .* comes after first$/m);
    expect(table).toMatch(/^yearly +scheduled +0 .* \d{4}-01-01T00:00:00Z$/m);
    expect((await cli(['spec', 'show', 'last'])).stdout).toMatch(
      /^name: +last\nstate: +blocked\nwhy: +comes after first\n/,
    );
    expect(json(await cli(['spec', 'show', 'yearly', '--json']))).toMatchObject({ state: 'scheduled' });
  });

  it('come back as they were from what is shown', async () => {
    const { own, cli } = place();
    const definition = { name: 's', odd: new Tuple([1, new Uint8Array([255])]), bell: '\u0007', text: 'two\nlines' };
    await own.spec('s').set(definition);
    const shown = await cli(['work_spec', '-W', 's']);
    expect(shown.stdout).not.toContain('\u0007');
    await own.spec('s').delete();
    expect(await cli(['spec', 'set', '-w', file('shown.yaml', shown.stdout)])).toMatchObject({ status: 0 });
    expect(await own.spec('s').get()).toEqual(definition);
  });
});

describe('units', () => {
  it('are added by name with what goes for all of them', async () => {
    const { own, cli } = place();
    await own.spec('s').set();
    const added = await cli(['unit', 'add', 's', 'a', '--data', '{"width": 640}', '--priority=2', '--', '-dash']);
    expect(added).toMatchObject({ status: 0, stdout: '2 units added to s\n' });
    expect(await own.spec('s').unit('-dash').get()).toMatchObject({ data: { width: 640 }, priority: 2 });
    await cli(['unit', 'add', 's', '--encoded', '-_w']).then(({ status }) => expect(status).toBe(2));
    await cli(['unit', 'add', 's', '--encoded', '--', '-_w']);
    expect(json(await cli(['unit', 'list', 's', '--previous', 'a', '--json']))).toEqual([
      { name: { $bytes: '/w==' }, status: 'available' },
    ]);
  });

  it.each([
    [
      'lines.jsonl',
      '"a"\n# a comment\n\n{"name": "b", "data": {"n": 18446744073709551616, "f": 1.0}, "priority": 4}\n{"c": {"x": 1}, "d": null}\n',
    ],
    [
      'packed.jsonl.gz',
      gzipSync(
        '["a", {"name": "b", "priority": 4, "data": {"n": 18446744073709551616, "f": 1.0}}]\n{"c": {"x": 1}}\n{"d": {}}',
      ),
    ],
    [
      'list.yaml',
      '# a list\n- a\n- name: b\n  priority: 4\n  data:\n    n: 18446744073709551616\n    f: 1.0\n\n- c: {x: 1}\n- d:\n',
    ],
    ['map.yaml', 'c: {x: 1}\nd:\na: {}\nb:\n  n: 18446744073709551616\n  f: 1.0\n'],
    [
      'documents.yaml',
      '---\nname: a\n---\nname: b\npriority: 4\ndata: {n: 18446744073709551616, f: 1.0}\n---\nc: {x: 1}\nd: {}\n',
    ],
  ])('are added from %s', async (name, content) => {
    const { own, cli } = place();
    await own.spec('s').set();
    expect(await cli(['addwork', '-W', 's', '-u', file(name, content)])).toMatchObject({
      status: 0,
      stdout: '4 units added to s\n',
    });
    const shown = (await cli(['unit', 'show', 's', 'b', '-o', 'jsonl'])).stdout;
    expect(shown).toContain('"data":{"n":18446744073709551616,"f":1}');
    expect(shown).toContain(`"priority":${name === 'map.yaml' ? 0 : 4},`);
    expect(await own.spec('s').unit('c').get()).toMatchObject({ data: { x: 1 } });
    expect((await cli(['work_units', '-W', 's'])).stdout).toBe('a\nb\nc\nd\n');
  });

  it('are added from CSV, and from names', async () => {
    const { own, cli } = place();
    await own.spec('s').set();
    const csv = 'width,name,title\r\n640,a,"one, ""two""\nthree"\r\n1,b,\r\n';
    await cli(['unit', 'add', 's', '-u', '-', '--format', 'csv'], { stdin: csv });
    expect(await own.spec('s').unit('a').get()).toMatchObject({ data: { width: '640', title: 'one, "two"\nthree' } });
    await cli(['unit', 'add', 's', '-u', '-', '--format', 'names'], { stdin: Buffer.from('x y\r\n\n\xff', 'latin1') });
    expect((await cli(['unit', 'list', 's', '--names'])).stdout).toBe('a\nb\nx y\n{"$bytes":"/w=="}\n');
  });

  it.each([
    ['not.jsonl', '"a"\n{"b"', 'line 2 is not JSON'],
    ['what.jsonl', '{"name": "a", "dta": {}}', 'line 1: a unit has no dta'],
    ['data.jsonl', '{"a": 5}', 'line 1: a: data are a map'],
    ['rows.csv', 'name,x\na,1\nb', 'line 3 has 1 fields, the first line 2'],
    ['quote.csv', 'name\n"a', 'line 2: the quotes that begin there do not end'],
    ['bad.yaml', '- a\n- {', 'line 2'],
    ['latin.jsonl', Buffer.from('"\xff"', 'latin1'), 'line 1 is not UTF-8'],
  ])('say in which line of %s there is none', async (name, content, message) => {
    const { own, cli } = place();
    await own.spec('s').set();
    const path = file(name, content);
    const { status, stderr } = await cli(['unit', 'add', 's', '-u', path]);
    expect([status, stderr.split(path)[1]]).toEqual([2, expect.stringContaining(message)]);
  });

  it('that failed are seen with why, retried, and deleted', async () => {
    const { own, cli } = place();
    await own.spec('s').set();
    await own.spec('s').add(['a', 'b', 'c']);
    for (const attempt of await own.worker('w').claim({ units: 3 })) {
      if (attempt.unit === 'c') await attempt.finish();
      else await attempt.fail({ traceback: 'Traceback:\nValueError: bad\x1b[31m\n' });
    }
    const failed = await cli(['failed', '-W', 's']);
    expect(failed.stdout).toMatch(/^UNIT.*\na {2}.*failed.*w .*ValueError: bad\\x1b\[31m\nb .*\n$/);
    const shown = await cli(['work_unit', '-W', 's', 'a']);
    expect(shown.stdout).toContain('traceback:\n  Traceback:\n  ValueError: bad\\x1b[31m\n');
    expect((await cli(['unit', 'retry', 's', 'a'])).stdout).toBe('1 unit of s retried\n');
    expect((await cli(['retry', '-W', 's', '-a'])).stdout).toBe('1 unit of s retried\n');
    expect(await cli(['unit', 'retry', 's', 'missing'])).toMatchObject({ status: 3 });
    expect(await cli(['unit', 'retry', 's'])).toMatchObject({ status: 2 });
    expect(await cli(['unit', 'retry', 's', '-s', 'finished'])).toMatchObject({ status: 2 });
    expect((await cli(['unit', 'retry', 's', '-s', 'finished', '-y'])).stdout).toBe('1 unit of s retried\n');

    await cli(['prioritize', 's', 'b']);
    await cli(['unit', 'prioritize', 's', 'b', '--adjust=-3']);
    expect((await own.spec('s').unit('b').get()).priority).toBe(-2);
    expect(await cli(['unit', 'delete', 's', 'a'])).toMatchObject({ status: 2 });
    expect((await cli(['unit', 'delete', 's', 'a', '--yes', '--json'])).stdout).toContain('"deleted": 1');
    expect((await cli(['clear', '-W', 's', '-y'])).stdout).toBe('2 units of s deleted\n');
  });
});

describe('workers, attempts and namespaces', () => {
  it('are listed and shown', async () => {
    const { own, cli } = place();
    await own.spec('s').set();
    await own.spec('s').add([{ name: 'a', data: { n: 1 } }]);
    await own.worker('w').update({ mode: 'RUN', data: { host: 'here' } });
    const [attempt] = await own.worker('w').claim();
    expect((await cli(['worker', 'list'])).stdout).toMatch(/^WORKER.*\nw +yes\n$/);
    expect((await cli(['workers', '--details'])).stdout).toContain('RUN');
    expect(json(await cli(['mode_counts', '--json']))).toEqual([{ mode: 'RUN', count: 1 }]);
    expect(json(await cli(['worker', 'show', 'w', '--json']))).toMatchObject({
      data: { host: 'here' },
      holds: [{ spec: 's', unit: 'a' }],
    });
    expect(await cli(['worker', 'show', 'nobody'])).toMatchObject({ status: 3 });
    expect((await cli(['workers', '--names', '--all'])).stdout).toBe('w\n');

    const expected = { spec: 's', unit: 'a', worker: 'w', status: 'pending', start: attempt.start };
    for (const which of [
      ['s', 'a'],
      ['--worker', 'w'],
      ['--worker', 'w', '--active'],
    ]) {
      expect(json(await cli(['attempt', 'list', ...which, '--json']))).toMatchObject([expected]);
    }
    for (const which of [[], ['w', attempt.start]]) {
      const shown = json(await cli(['attempt', 'show', 's', 'a', ...which, '--json']));
      expect(shown).toMatchObject({ ...expected, data: { n: 1 } });
    }
    expect(await cli(['attempt', 'show', 's', 'a', 'w', '5'])).toMatchObject({ status: 3 });
    expect(await cli(['attempt', 'list'])).toMatchObject({ status: 2 });
  });

  it('namespaces are made, shown and destroyed', async () => {
    const { own, cli } = place();
    expect((await cli(['namespace', 'create', own.namespace])).status).toBe(0);
    await own.spec('s').set();
    await own.spec('s').add(['a']);
    expect((await cli(['namespace', 'list', '--names'])).stdout.split('\n')).toContain(own.namespace);
    expect((await cli(['namespace', 'list'])).stdout).toMatch(new RegExp(`^${own.namespace} +1 `, 'm'));
    expect(json(await cli(['namespace', 'show', '--json']))).toMatchObject({ specs: ['s'], counts: { available: 1 } });
    expect((await cli(['delete'])).stderr).toContain(
      `everything in the namespace ${own.namespace}: 1 work spec, 1 unit`,
    );
    expect((await cli(['delete', '-y'])).status).toBe(0);
    expect((await cli(['namespace', 'list', '--names'])).stdout.split('\n')).not.toContain(own.namespace);
  });

  it('load and flow set work specs as they did', async () => {
    const { own, cli } = place();
    const spec = file('spec.yaml', 'name: loaded\nmin_gb: 1\n');
    const loaded = await cli(['load', '-w', spec, '-u', '-', '-n', '5'], { stdin: '{"a": {}, "b": {}}' });
    expect(loaded.stdout).toBe('loaded is set, and 2 units added to it\n');
    expect(await own.spec('loaded').get()).toMatchObject({ min_gb: 1, nice: 5 });
    const config = file('config.yaml', `coordinate: {addresses: ["127.0.0.1:5932"], url: "${url}"}\nother: {x: 1}\n`);
    const flows = file(
      'flows.yaml',
      'flows:\n  in: {one: {min_gb: 1, then: in.two}, two: {min_gb: 1, config: {other: {y: 2}}}}\n',
    );
    expect((await cli(['-c', config, 'flow', flows], { env: { COORDINATE_URL: undefined } })).stdout).toBe(
      'in.one is set\nin.two is set\n',
    );
    expect(await own.spec('in.two').get()).toMatchObject({ name: 'in.two', config: { other: { x: 1, y: 2 } } });
    const wrong = file('wrong.yaml', 'flows: {one: {min_gb: 1, then: gone}}');
    expect(await cli(['flow', wrong])).toMatchObject({ status: 2 });
  });
});
