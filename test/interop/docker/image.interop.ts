import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { copyContext } from './context.js';
import { Container } from './container.js';
import { parseDockerfile, type Stage } from './dockerfile.js';
import { buildImage, inside, type Image } from './image.js';

const ROOT = join(import.meta.dirname, '../../..');
/** The program `node` of the version that the image is based on, if run.sh has got it. */
const NODE = process.env.IMAGE_NODE;
const MIB = 2 ** 20;

const stages = parseDockerfile(readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8'));
const last: Stage = stages.at(-1)!;
const PATH = [...(NODE === undefined ? [] : [join(NODE, '..')]), process.env.PATH].join(':');
let folder: string;
let image: Image;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coordinate-image-'));
  chmodSync(folder, 0o755); // the daemon's user has to get in
  const context = join(folder, 'context');
  const work = join(folder, 'stages');
  for (const path of [context, work]) mkdirSync(path);
  copyContext(ROOT, context);
  image = buildImage(stages, { context, folder: work, env: buildEnvironment() });
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const running: Container[] = [];
afterEach(() => Promise.all(running.splice(0).map((container) => container.destroy())));

/** `docker run coordinate FLAG...` */
async function run(...flags: readonly string[]): Promise<Container> {
  const container = await Container.start(image, PATH, [...last.entrypoint!, ...flags]);
  running.push(container);
  return container;
}

/** What this test and npm have set is not to reach the steps; which authorities this machine trusts is. */
function buildEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(COORDINATE_|NODE_(?!EXTRA_CA_CERTS$)|VITEST|npm_|PG|TEST$)/.test(name),
  );
  return { ...Object.fromEntries(kept), PATH };
}

describe('the Dockerfile', () => {
  it('pins the same version of Node in each stage that begins anew', () => {
    const named = new Set(stages.map(({ name }) => name));
    const bases = stages.map(({ from }) => from).filter((from) => !named.has(from));
    expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-\w+-slim$/);
    expect(new Set(bases).size).toBe(1);
  });

  it('exposes both ports and listens there on all interfaces', () => {
    expect(last.ports).toEqual([5932, 5980]);
    expect(image.env).toMatchObject({ COORDINATE_CBORRPC: ':5932', COORDINATE_HTTP: ':5980', NODE_ENV: 'production' });
  });

  it('ends as a user that is not root', () => {
    expect(image.user!.uid).toBeGreaterThan(0);
    expect(image.user!.gid).toBeGreaterThan(0);
  });
});

describe('the image', () => {
  it('holds the daemon, what it needs, and nothing else', () => {
    expect(readdirSync(image.root)).toEqual(['app']);
    expect(readdirSync(inside(image, '.')).sort()).toEqual([
      'LICENSE',
      'dist',
      'node_modules',
      'package.json',
      'packages',
    ]);
    const manifestOf = (folder: string) =>
      JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Record<string, object>;
    const manifest = manifestOf('.');
    const client = manifestOf('packages/client');
    const isThere = (name: string) => existsSync(inside(image, join('node_modules', name)));
    const needed = new Set([manifest, client].flatMap(({ dependencies }) => Object.keys(dependencies)));
    expect([...needed].filter((name) => !isThere(name))).toEqual([]);
    const forBuilding = Object.keys(manifest.devDependencies).filter((name) => !needed.has(name));
    expect(forBuilding.filter(isThere)).toEqual([]);
  });

  it('is small: under 150 MiB beside its base', () => {
    const [kib] = execFileSync('du', ['-sk', image.root], { encoding: 'utf8' }).split('\t');
    process.stdout.write(`${(Number(kib) / 1024).toFixed(0)} MiB beside the base image\n`);
    expect(Number(kib) * 1024).toBeLessThan(150 * MIB);
  });

  it('has no file that its user could change, and no link that leads out of it', () => {
    const entries = readdirSync(image.root, { recursive: true, encoding: 'utf8' });
    const changeable = entries.filter((entry) => {
      const { uid, mode } = lstatSync(join(image.root, entry));
      return uid === image.user!.uid || ((mode & 0o002) !== 0 && !lstatSync(join(image.root, entry)).isSymbolicLink());
    });
    expect(changeable).toEqual([]);
    const links = execFileSync('find', [image.root, '-type', 'l', '-lname', '/*'], { encoding: 'utf8' });
    expect(links).toBe('');
  });
});

describe('a container', () => {
  it('serves both ports, is healthy, and ends in order at the stop signal', async () => {
    const container = await run('-backend', 'memory');
    expect(container.execute(last.healthcheck!).status).toBe(1);
    await container.hasWritten(/CBOR-RPC on \S+:5932\n[^]*HTTP on \S+:5980\n/);
    expect(container.execute(last.healthcheck!)).toEqual({ status: 0, output: '' });

    const { output } = container.execute(['node', '-e', ask('http://localhost:5980/readyz')]);
    expect(output).toMatch(/^200 /);
    expect(container.execute(['node', '-e', connectTo(5932)])).toEqual({ status: 0, output: 'open' });
    expect(container.execute(['sh', '-c', 'id -u; id -G; cat /proc/1/cmdline']).output).toBe(
      `${image.user!.uid}\n${image.user!.gid}\n${[...last.entrypoint!, '-backend', 'memory', ''].join('\0')}`,
    );

    container.signal(last.stopSignal!);
    expect(await container.ended(), container.output()).toBe(0);
  });

  it('is asked for its health where its flags say', async () => {
    const container = await run('-http', '127.0.0.1:8080', '-cborrpc', 'off');
    await container.hasWritten(/HTTP on 127\.0\.0\.1:8080\n/);
    expect(container.execute(last.healthcheck!).status).toBe(0);
    const without = await run('-http', 'off');
    await without.hasWritten(/CBOR-RPC on /);
    expect(without.execute(last.healthcheck!).status).toBe(0);
  });

  it('hands its arguments to the daemon', async () => {
    const container = await run('-no-such-flag');
    expect(await container.ended()).toBe(2);
    expect(container.output()).toMatch(/^coordinated: .*no-such-flag.*\n$/);
  });
});

function ask(url: string): string {
  return `fetch('${url}').then(async (answer) => console.log(answer.status, await answer.text()))`;
}

function connectTo(port: number): string {
  return `const socket = net.connect(${port}, '127.0.0.1', () => { process.stdout.write('open'); socket.destroy(); })`;
}
