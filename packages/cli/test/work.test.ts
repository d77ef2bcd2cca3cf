import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import type { Coordinate } from 'coordinate-client';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningDaemon } from '../../../test/support/daemon.js';
import { main } from '../src/main.js';
import { COMMANDS } from '../src/table/commands.js';
import { completionOf, SCRIPTS } from '../src/table/completion.js';
import { FakeProcess, run } from './io.js';
import { startAll } from './started.js';

let daemon: RunningDaemon;
let url: string;
let folder: string;
let coordinate: Coordinate;
let namespaces = 0;

beforeAll(async () => {
  const started = await startAll();
  ({ daemon, url, folder, coordinate } = started);
  return () => started.stop();
});

/** A namespace in which nothing is but a work spec `s`, and the environment to work there. */
async function fresh(): Promise<{ own: Coordinate; env: Record<string, string | undefined> }> {
  const namespace = `work ${namespaces++}`;
  const own = coordinate.in(namespace);
  await own.spec('s').set();
  return {
    own,
    env: { ...process.env, XDG_CONFIG_HOME: '/nowhere', COORDINATE_URL: url, COORDINATE_NAMESPACE: namespace },
  };
}

const node = (script: string): string[] => [process.execPath, '-e', script];

describe('run', () => {
  it('gives programs name and data as they are, never by a shell', async () => {
    const { own, env } = await fresh();
    const name = '-n $(touch x) "\'; `id` *';
    await own.spec('s').add([{ name, data: { big: 2n ** 64n - 1n } }]);
    const script = `
      let read = '';
      process.stdin.on('data', (text) => (read += text)).on('end', () => {
        const { COORDINATE_SPEC, COORDINATE_UNIT, COORDINATE_DATA, COORDINATE_TOKEN } = process.env;
        console.log(JSON.stringify([process.argv.slice(1), read, COORDINATE_SPEC, COORDINATE_UNIT, COORDINATE_DATA, COORDINATE_TOKEN ?? null]));
      });`;
    const argv = ['run', 's', '--until-empty', '--', ...node(script), '--', '{}', 'x={data}', '{}{}'];
    const ran = await run(argv, { env: { ...env, COORDINATE_TOKEN: 'secret' } });
    const data = '{"big":18446744073709551615}';
    expect([ran.status, JSON.parse(ran.stdout)]).toEqual([
      0,
      [
        [name, `x=${data}`, name + name],
        `{"spec":"s","name":${JSON.stringify(name)},"data":${data}}\n`,
        's',
        name,
        data,
        null,
      ],
    ]);
    expect(await own.spec('s').counts()).toMatchObject({ finished: 1 });
    expect(ran.stderr).toContain(`${name}: finished after`);
  });

  it('says what became of programs that fail, print much, are killed, want to come again, or are not there', async () => {
    const { own, env } = await fresh();
    await own.spec('s').set({ max_retries: 2 });
    await own.spec('s').add(['fails', 'prints', 'killed', 'again']);
    const script = `
      const say = (bytes) => new Promise((done) => process.stderr.write('x'.repeat(bytes) + '\\u00e9 the end\\n', done));
      const [name] = process.argv.slice(1);
      if (name === 'killed') process.kill(process.pid, 'SIGKILL');
      else if (name === 'again') process.exitCode = 75;
      else say(name === 'prints' ? 1e7 : 5).then(() => (process.exitCode = 3));`;
    const ran = await run(['run', 's', '-j', '4', '--until-empty', '--', ...node(script), '{}'], { env });
    expect(ran.status).toBe(0);
    const traceback = async (unit: string): Promise<string> =>
      ((await own.spec('s').unit(unit).get()).data as { traceback: string }).traceback;
    expect(await traceback('fails')).toBe(`xxxxx\u00e9 the end\n${process.execPath} ended with 3`);
    const long = await traceback('prints');
    expect([long.length < 17_000, long.endsWith(`\u00e9 the end\n${process.execPath} ended with 3`)]).toEqual([
      true,
      true,
    ]);
    expect(await traceback('killed')).toBe(`${process.execPath} was ended by SIGKILL`);
    expect(await own.spec('s').unit('again').countAttempts()).toBeGreaterThan(1);
    expect(await own.spec('s').counts()).toMatchObject({ failed: 4 });

    await own.spec('s').retry({ names: ['fails'] });
    await run(['run', 's', '--until-empty', '--', join(folder, 'no such program')], { env });
    expect(await traceback('fails')).toContain('ENOENT');
    expect(await run(['run', 'missing', '--', 'true'], { env })).toMatchObject({ status: 3 });
    expect(await run(['run', 's'], { env })).toMatchObject({ status: 2 });
  });

  it('ends programs that hang, with all that they have begun', async () => {
    const { own, env } = await fresh();
    await own.spec('s').add(['hangs']);
    const pid = join(folder, 'pid');
    const script = 'trap "" TERM; sleep 1000 & echo $! >"$1"; wait; wait';
    const argv = ['run', 's', '--time-limit', '3s', '--until-empty', '--', 'sh', '-c', script, 'sh', pid];
    expect((await run(argv, { env })).status).toBe(0);
    const traceback = expect.stringContaining('longer than 3000 ms') as string;
    expect(await own.spec('s').unit('hangs').get()).toMatchObject({ status: 'failed', data: { traceback } });
    await expect.poll(() => existsSync(`/proc/${readFileSync(pid, 'utf8').trim()}/exe`)).toBe(false);
  });

  it('gives back at SIGTERM what it does not end within the grace', async () => {
    const { own, env } = await fresh();
    await own.spec('s').add(['u', 'v']);
    const fake = new FakeProcess(env);
    const argv = [
      'run',
      's',
      '--grace',
      '100ms',
      '--',
      ...node('console.log("began"); setInterval(() => undefined, 1000)'),
    ];
    const ran = main(argv, fake);
    await fake.stdout.has('began');
    fake.emit('SIGTERM');
    expect(await ran).toBe(0);
    expect(await own.spec('s').counts()).toMatchObject({ available: 2, pending: 0 });
  });
});

describe('looking on', () => {
  it('watch and top show how it stands, history what happened', async () => {
    const { own, env } = await fresh();
    await own.spec('s').add(['a', 'b\x1b[2J']);
    await own.spec('s').pause();
    expect((await run(['watch', '--count', '1'], { env })).stdout).toMatch(
      /namespace "work \d".*\n\nWORK SPEC +STATE .* NEXT SLOT +WHY\ns +paused +2 .* until it is resumed\n/,
    );
    await own.spec('s').resume();
    await own.worker('w').claim({ units: 2 });
    const top = await run(['top', '--count', '2', '--interval', '100ms'], { env });
    expect(top.stdout.match(/\nw +2 +\d+ +s +a\n/g)).toHaveLength(2);
    const history = await run(['spec', 'history', 's', '-o', 'jsonl'], { env });
    expect(JSON.parse(history.stdout)).toMatchObject({ added: 2, claimed: 2, finished: 0 });
  });

  it('failures says why, and units are retried by cause', async () => {
    const { own, env } = await fresh();
    await own.spec('s').add(['a1', 'a2', 'b']);
    const attempts = await own.worker('w').claim({ units: 3 });
    for (const attempt of attempts)
      await attempt.fail({ traceback: attempt.unit === 'b' ? 'KeyError: x' : 'OSError: y' });
    const causes = JSON.parse((await run(['failures', 's', '--json'], { env })).stdout) as {
      id: string;
      count: number;
    }[];
    expect(causes).toMatchObject([{ count: 2 }, { count: 1 }]);
    const listed = await run(['unit', 'list', 's', '--names', '--failure', causes[0].id], { env });
    expect(listed.stdout).toBe('a1\na2\n');
    const asked = await run(['unit', 'delete', 's', '--failure', causes[1].id], { env });
    expect(asked.stderr).toContain('this would delete 1 unit of s');
    expect((await run(['unit', 'retry', 's', '--failure', causes[0].id], { env })).stdout).toBe(
      '2 units of s retried\n',
    );
    expect((await run(['unit', 'delete', 's', '--prefix', 'a', '-y'], { env })).stdout).toBe('2 units of s deleted\n');
  });

  it('what runs is stopped, and units are given other data, in an editor or without', async () => {
    const { own, env } = await fresh();
    const spec = own.spec('s');
    await spec.set();
    await spec.add([{ name: 'a', data: { size: 1, keep: 'x' } }, { name: 'b' }]);
    const [a, b] = await own.worker('w').claim({ units: 2 });
    const refused = await run(['unit', 'edit', 's', 'a', '--data', '{}', '-y'], { env });
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('stop it by unit cancel')]);
    const cancelled = await run(['unit', 'cancel', 's', 'a', '--reason', 'wrong size', '-y'], { env });
    expect(cancelled.stdout).toBe('1 unit of s cancelled\n');
    expect((await run(['unit', 'cancel', 's', '--all', '--release', '-y'], { env })).stdout).toBe(
      '1 unit of s cancelled\n',
    );
    expect((await run(['unit', 'cancel', 's', '--status', 'failed', '-y'], { env })).status).toBe(2);
    expect([(await a.get()).cancelled, (await b.get()).status]).toEqual([true, 'retryable']);
    expect((await spec.failures()).map(({ cause }) => cause)).toEqual(['cancelled: wrong size']);
    const editor = join(folder, 'editor.sh');
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/size: 1/size: 2/" "$1"\n', { mode: 0o755 });
    const edited = await run(['unit', 'edit', 's', 'a', '-y'], { env: { ...env, EDITOR: editor } });
    expect(edited.stderr).toBe('- size: 1\n+ size: 2\n');
    expect(edited.stdout).toBe('the data of a of s are changed\n');
    expect(await spec.unit('a').get()).toMatchObject({ data: { size: 2, keep: 'x' }, status: 'failed' });
    const same = await run(['unit', 'edit', 's', 'a', '-y'], { env: { ...env, EDITOR: 'true' } });
    expect(same.stdout).toBe('nothing is changed\n');
    expect((await run(['unit', 'edit', 's', 'a', '-y'], { env: { ...env, EDITOR: 'false' } })).status).toBe(1);
  });

  it('a terminal is filled, again when it is resized, and left as it was by q', async () => {
    const { own, env } = await fresh();
    await own.spec('猫'.repeat(40)).set();
    const fake = new FakeProcess(env);
    Object.assign(fake.stdout, { isTTY: true, columns: 40, rows: 10 });
    fake.stdin.isTTY = true;
    const ran = main(['watch'], fake);
    await fake.stdout.has('猫');
    expect(fake.stdout.text).toMatch(/^\x1b\[\?1049h.*WORK SPEC/s); // eslint-disable-line no-control-regex -- it begins so
    expect(fake.stdout.text).toContain('猫'.repeat(19) + '…');
    Object.assign(fake.stdout, { columns: 30, rows: 3 });
    const before = fake.stdout.text.length;
    fake.stdout.emit('resize');
    expect(fake.stdout.text.slice(before)).not.toContain('WORK SPEC');
    fake.stdin.write('q');
    expect(await ran).toBe(0);
    expect(fake.stdout.text.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  });

  it('doctor says what is wrong, and ends with 1 if anything is', async () => {
    const { own, env } = await fresh();
    await own.worker('w').update();
    const well = await run(['doctor', '--wait', '0s', '--json'], { env });
    expect([well.status, JSON.parse(well.stdout)]).toEqual([
      0,
      ['connection', 'clocks', 'versions', 'rights', 'workers', 'work specs'].map(
        (what) => expect.objectContaining({ what, is: 'good' }) as object,
      ),
    ]);
    await own.spec('s').add(['u']);
    await own.spec('high').set({ priority: 5 });
    const ill = await run(['doctor', '--wait', '0s'], { env });
    expect([ill.status, ill.stdout]).toEqual([
      1,
      expect.stringMatching(/s +trouble +waiting +1 unit available: nobody has claimed it yet/),
    ]);
    await own.spec('high').add(['u']);
    expect((await run(['doctor', '--wait', '0s'], { env })).stdout).toMatch(
      /s +trouble +waiting +1 unit available: high has a higher priority and work left/,
    );
    for (const attempt of await own.worker('w').claim()) await attempt.fail({ traceback: 'no' });
    expect((await run(['doctor', '--wait', '0s'], { env })).stdout).toMatch(
      /high +trouble +failing +100% of what ended in the last 5 minutes failed/,
    );
    const away = await run(['doctor', '--url', 'http://127.0.0.1:1'], { env });
    expect([away.status, away.stdout]).toEqual([1, expect.stringMatching(/connection +trouble +.*ECONNREFUSED/)]);
  });
});

describe('trying out', () => {
  it.each(['rest', 'cborrpc'])('bench measures %s, and leaves nothing behind', async (door) => {
    const { env } = await fresh();
    const argv = [
      'bench',
      '--units',
      '60',
      '--batch',
      '7',
      '--concurrency',
      '3',
      '--door',
      door,
      '--rpc',
      `127.0.0.1:${daemon.rpcPort}`,
      '--json',
    ];
    const ran = await run(argv, { env });
    expect(ran.stderr).toBe('');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      units: 60,
      door,
      donePerSecond: expect.any(Number) as number,
      p99: expect.any(Number) as number,
    });
    expect((await run(['work_specs'], { env })).stdout).toBe('s\n');
  });

  it('demo makes units and does them', async () => {
    const { own, env } = await fresh();
    const fake = new FakeProcess(env);
    const ran = main(['demo', '--interval', '100ms'], fake);
    await fake.stderr.has(/demo-runner: .*: finished/);
    fake.emit('SIGINT');
    expect(await ran).toBe(0);
    expect((await own.spec('demo-runner').counts()).finished).toBeGreaterThan(0);
  });
});

describe('completion', () => {
  it.each([
    [[''], ['attempt', 'bench']],
    [['sp'], ['spec']],
    [
      ['spec', ''],
      ['counts', 'delete'],
    ],
    [['unit', 'l'], ['list']],
    [['unit', 'list', 's', '--stat'], ['--status']],
    [['unit', 'list', 's', '-s', 'fa'], ['failed']],
    [['-o', 'y'], ['yaml']],
    [
      ['bench', '--door', ''],
      ['rest', 'cborrpc'],
    ],
  ])('of %j has %j', (words, expected) => {
    expect(completionOf(words, COMMANDS).words).toEqual(expect.arrayContaining(expected));
  });

  it.each([
    [['spec', 'show', ''], 'SPEC'],
    [['spec', 'pause', 'a', ''], 'SPEC'],
    [['retry', '-W', ''], 'SPEC'],
    [['spec', 'list', '--namespace', ''], 'NAMESPACE'],
    [['worker', 'show', ''], 'WORKER'],
    [['spec', 'show', 'a', ''], undefined],
  ])('of %j asks the daemon for a %s', (words, names) => {
    expect(completionOf(words, COMMANDS).names).toBe(names);
  });

  it('completes in bash', async () => {
    const { own, env } = await fresh();
    await own.spec('two words').set();
    const asked = await run(['complete', '--', 'spec', 'show', 'tw'], { env });
    expect(asked.stdout).toBe('two words\n');
    // What the program says is what was seen above: bash is asked to make something of it.
    const script = `${SCRIPTS.bash}
      coordinate() { printf '%s\\n' "$@" >&3; printf 'two words\\n'; }
      COMP_WORDS=(coordinate spec show tw) COMP_CWORD=3
      _coordinate 3>"$1"
      printf '%s\\n' "\${COMPREPLY[@]}"; complete -p coordinate`;
    const words = join(folder, 'words');
    expect(execFileSync('bash', ['-c', script, 'bash', words], { encoding: 'utf8' })).toBe(
      'two\\ words\ncomplete -o default -F _coordinate coordinate\n',
    );
    expect(readFileSync(words, 'utf8')).toBe('complete\n--\nspec\nshow\ntw\n');
    expect((await run(['completion', 'bash'])).stdout).toBe(SCRIPTS.bash);
    expect(await run(['completion', 'tcsh'])).toMatchObject({ status: 2 });
  });

  it.skipIf(!existsSync('/usr/bin/zsh'))('completes in zsh, read by compinit or by a script', () => {
    writeFileSync(join(folder, '_coordinate'), SCRIPTS.zsh);
    const asked = `coordinate() { print -rl -- "$@" >&3; print -r 'two words'; print tw }
      compadd() { shift; print -rl -- "$@" }
      words=(coordinate spec show tw) CURRENT=4`;
    const ways = [
      `source ${folder}/_coordinate; print $_comps[coordinate]; _coordinate`,
      `print $_comps[coordinate]; _coordinate`,
    ];
    for (const way of ways) {
      const script = `fpath=(${folder} $fpath); autoload -U compinit; compinit -u -D; ${asked}; ${way}`;
      const told = join(folder, 'zsh words');
      const found = execFileSync('/usr/bin/zsh', ['-f', '-c', `{ ${script} } 3>$0`, told], { encoding: 'utf8' });
      expect(found).toBe('_coordinate\ntwo words\ntw\n');
      expect(readFileSync(told, 'utf8')).toBe('complete\n--\nspec\nshow\ntw\n');
    }
  });

  it.skipIf(!existsSync('/usr/bin/fish'))('completes in fish', () => {
    const script = `${SCRIPTS.fish}
      function coordinate; printf '%s\\n' $argv >$told; printf 'two words\\ntw\\n'; end
      complete -C 'coordinate spec show tw'`;
    const told = join(folder, 'fish words');
    const found = execFileSync('/usr/bin/fish', ['--no-config', '-c', `set -g told $argv[1]; ${script}`, told], {
      encoding: 'utf8',
    });
    expect(found.trim().split('\n').sort()).toEqual(['tw', 'two words']);
    expect(readFileSync(told, 'utf8')).toBe('complete\n--\nspec\nshow\ntw\n');
  });
});
