import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CallerSource, type KnownCaller, type Shown } from '../../src/access/caller-source.js';
import { CallerSources, type PluggedSource } from '../../src/access/caller-sources.js';
import { Callers } from '../../src/access/callers.js';
import { SourceFailedError } from '../../src/access/errors.js';
import { isPast } from '../../src/access/identity.js';
import { RIGHTS, type Right, rightsIn } from '../../src/access/right.js';
import { GrantedRights, inBoth, type Rights } from '../../src/access/rights.js';
import { MILLISECOND } from '../../src/domain/time.js';

const HELLO: Shown = { door: 'rpc', address: '::1', token: 'mine', namespace: 'n' };

class Source extends CallerSource {
  constructor(override readonly identify: CallerSource['identify']) {
    super();
  }
}

/** What asks sources that answer so, each of a plug-in that declares these rights, and what is said of them. */
function asking(answers: readonly CallerSource['identify'][], rights: Record<string, Right[]>, longestMs?: number) {
  const said: string[] = [];
  const sources = answers.map((answer, at): PluggedSource => {
    const atMost = new GrantedRights(Object.entries(rights));
    return { plugin: `p${at}`, name: 'Source', source: new Source(answer), atMost };
  });
  return { said, sources: new CallerSources(sources, (problem) => said.push(problem), longestMs) };
}

const known = (more: Partial<KnownCaller> = {}): KnownCaller => ({ name: 'ci', rights: { n: ['work'] }, ...more });

it('the first that knows says who it is, with what it declares', async () => {
  const shown: unknown[] = [];
  const { said, sources } = asking(
    [
      (given) => void shown.push(given),
      () => Promise.resolve(known({ workers: 'ci-', expires: new Date(5) })),
      () => {
        throw new Error('is not asked');
      },
    ],
    { '*': ['work'] },
  );
  const identity = await sources.ask(HELLO);
  if (identity === undefined || identity === 'wrong') throw new Error('nobody');
  expect(shown).toEqual([HELLO]);
  expect(identity).toMatchObject({ name: 'ci', plugin: 'p1', workers: 'ci-', expires: 5 * MILLISECOND });
  expect(rightsIn(identity.rights.in('n'))).toEqual(['read', 'work']);
  expect(identity.rights.in('other')).toBe(0);
  expect([isPast(identity, 4 * MILLISECOND), isPast(identity, 5 * MILLISECOND)]).toEqual([false, true]);
  expect(said).toEqual([]);
});

it('who is wrong is so for all, and whom nobody knows nobody knows', async () => {
  expect(await asking([() => 'wrong', () => known()], {}).sources.ask(HELLO)).toBe('wrong');
  expect(await asking([() => undefined, () => undefined], {}).sources.ask(HELLO)).toBeUndefined();
});

it('rights that a plug-in does not declare are not given, and that is said once', async () => {
  const { said, sources } = asking([() => known({ rights: { n: ['work', 'admin'], '*': ['operate'] } })], {
    'n*': ['work', 'submit'],
  });
  for (let times = 0; times < 2; times++) {
    const { rights } = (await sources.ask(HELLO)) as { rights: Rights };
    expect(rightsIn(rights.in('n'))).toEqual(['read', 'work']);
    expect(rights.everywhere).toBe(0);
  }
  expect(said).toEqual([
    'plug-in p0: its Source gives "ci" rights that the plug-in does not declare: they are not given',
  ]);
});

it.each<[string, () => unknown]>([
  ['oh', () => Promise.reject(new Error('oh'))],
  ['takes more than 0.01 s', () => new Promise(() => undefined)],
  ['the name of a caller must be a text that is not empty', () => known({ name: '' })],
  [
    'rights["n"][0] must be one of read, submit, work, define, admin, operate',
    () => known({ rights: { n: ['fly' as Right] } }),
  ],
  ['rights must be a map', () => ({ name: 'ci' })],
  ['expires must be a Date', () => known({ expires: 5 as unknown as Date })],
  [
    'workers is for callers with no other rights than read and work: submit asks nobody who holds a unit',
    () => known({ workers: 'ci-', rights: { n: ['submit'] } }),
  ],
])('one that fails makes nobody somebody: %s', async (problem, answer) => {
  let works = false;
  const { said, sources } = asking([() => (works ? undefined : answer()) as undefined], { '*': ['admin'] }, 10);
  for (let times = 0; times < 2; times++) await expect(sources.ask(HELLO)).rejects.toThrow(SourceFailedError);
  expect(said).toEqual([`plug-in p0: its Source cannot say who is calling: ${problem}`]);
  works = true;
  expect(await sources.ask(HELLO)).toBeUndefined();
  works = false;
  await expect(sources.ask(HELLO)).rejects.toThrow(SourceFailedError);
  expect(said).toHaveLength(2);
});

it('one that takes too long is told so', async () => {
  let aborted = false;
  const { sources } = asking(
    [(_, signal) => new Promise(() => signal.addEventListener('abort', () => (aborted = true)))],
    {},
    10,
  );
  await expect(sources.ask(HELLO)).rejects.toThrow(SourceFailedError);
  expect(aborted).toBe(true);
});

it('what two grants let somebody do is what each of them lets them do', () => {
  const namespaces = fc.constantFrom('a', 'ab', 'abc', 'b', 'a*', 'ab*', '*');
  const grants = fc.array(fc.tuple(namespaces, fc.subarray([...RIGHTS])), { maxLength: 4 });
  fc.assert(
    fc.property(grants, grants, (one, other) => {
      const [first, second] = [new GrantedRights(one), new GrantedRights(other)];
      const both = inBoth(first, second);
      for (const name of ['a', 'ab', 'abc', 'b', 'zz']) expect(both.in(name)).toBe(first.in(name) & second.in(name));
      expect(both.everywhere).toBe(first.everywhere & second.everywhere);
    }),
  );
});

it('callers that are known are kept to what they have used, however many there are', async () => {
  const callers = new Callers('', { byPlugins: true, rate: { text: '1/s', requests: 1, perMs: 1_000 } });
  callers.sources = asking([({ token }) => known({ name: token })], { n: ['work'] }).sources;
  const before = callers.ofConnection({ remoteAddress: '::1' });
  const paceOf = async (token: string) => (await callers.learnFromHello({ token }, before))?.pace;
  const first = await paceOf('first');
  expect(first).toBeDefined();
  // As many as are remembered.
  for (let i = 1; i < 10_000; i++) await paceOf(`c${i}`);
  for (let i = 1; i < 10; i++) await paceOf(`c${i}`);
  expect(await paceOf('first')).toBe(first);
});
