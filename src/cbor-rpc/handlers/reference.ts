import type { Type } from '@nestjs/common';
import { needText } from '../../access/need.js';
import { markdownTable } from '../../markdown.js';
import type { ParamReader } from '../params/index.js';
import { type RpcMethodDeclaration, rpcMethodOf } from '../rpc-method.decorator.js';
import { ClockHandlers } from './clock.handlers.js';
import { ConfigHandlers } from './config.handlers.js';
import { HelloHandlers } from './hello.handlers.js';
import { LocksHandlers } from './locks.handlers.js';
import { WorkHandlers } from './work.handlers.js';
import { WorkSpecsHandlers } from './work-specs.handlers.js';
import { WorkUnitsHandlers } from './work-units.handlers.js';
import { WorkersHandlers } from './workers.handlers.js';

interface Section {
  readonly title: string;
  readonly text: string;
  readonly handlers: readonly Type[];
}

/** The methods in the order of the page. */
const SECTIONS: readonly Section[] = [
  { title: 'Work specs', text: '', handlers: [WorkSpecsHandlers] },
  {
    title: 'Work units',
    text:
      'A _work unit_ to be added is a key, or `[key, data]`, `[key, data, {priority, delay}]`, where data may be null for ' +
      'none and `delay` is in seconds. A tuple does as well.',
    handlers: [WorkUnitsHandlers],
  },
  { title: 'Claiming and reporting', text: 'What workers do all day.', handlers: [WorkHandlers] },
  { title: 'Workers', text: '', handlers: [WorkersHandlers] },
  {
    title: 'Locks',
    text:
      'What is locked is a path: a list of any values, 64 at most. A path can be locked while neither it, nor the beginning of ' +
      'it, nor anything below it is locked. Locks end by themselves.',
    handlers: [LocksHandlers],
  },
  { title: 'The daemon', text: '', handlers: [HelloHandlers, ConfigHandlers, ClockHandlers] },
];

/** Calls that make what the examples begin with, on a daemon that has nothing yet. */
export const SCENE: readonly string[] = [
  'set_work_spec({"name": "resize", "max_retries": 3})',
  'add_work_units("resize", [["cat.jpg", {"width": 640}], ["dog.jpg", {"width": 320}], "owl.jpg"])',
  'worker_heartbeat("parent", "RUN", 900)',
  'worker_heartbeat("worker 1", "RUN", 900, {"pid": 4711}, "parent")',
  'get_work("worker 1", {"lease_time": 600})',
  'lock("worker 1", 600, [["photos", "cat.jpg"]])',
];

/** The YAML that `-config` names where the examples are made. */
export const SCENE_CONFIG = 'coordinate:\n  default_lifetime: 900\n';

/** Every method that has a place on the page, in its order. */
export function methodDeclarations(): RpcMethodDeclaration<unknown>[] {
  return SECTIONS.flatMap(({ handlers }) => handlers.flatMap(methodsOf));
}

function methodsOf({ prototype }: Type): RpcMethodDeclaration<unknown>[] {
  const own = prototype as Record<string, object>;
  return Object.getOwnPropertyNames(own).flatMap((key) => rpcMethodOf(own[key]) ?? []);
}

/** docs/cbor-rpc-methods.md, but for the alignment of its tables. @throws Error when a method or parameter is not described */
export function methodsReference(): string {
  return `# CBOR-RPC methods

<!-- Written by npm run rpc-docs from the declarations in src/cbor-rpc/handlers: change those. -->

Every method of the interface that [CBOR-RPC clients](cbor-rpc-clients.md) and [Python workers](python-workers.md) speak.
Parameters are sent as a list in the order that they have here, or as a map by their names. Those with a default may be null or
absent; options may be left out altogether, and others than those named are passed over. Each method names the right that its
caller needs ([who asks, and what for](how-it-works.md#who-asks-and-what-for)).

| type | is |
| --- | --- |
| text | a string; a byte string that is UTF-8 does as well |
| name | a string of any bytes; text stands for its UTF-8 form. At most 1,024 bytes |
| number, integer | an integer or a float; a float without a fraction is an integer |
| boolean | or a number, true unless it is 0 |
| map | with keys and values of any kind, kept to the byte |
| state | 1 available or delayed, 3 pending, 4 finished, 5 failed |
| work unit, path | see [work units](#work-units), [locks](#locks) |
| \`[…, …]\` | a list, or a tuple |

What cannot be carried out at all is an error, whose message names the parameter; wherever \`message\` stands below, it is a byte
string that says why.

## The examples

Each of them is what a daemon answers after these calls, in the [diagnostic notation](https://www.rfc-editor.org/rfc/rfc8949#section-8)
of CBOR: \`"text"\`, \`'byte string'\`, \`128([…])\` for a Python tuple. A test makes them all; only moments and ages differ each time.

\`\`\`
${SCENE.join('\n')}
\`\`\`

${SECTIONS.map(section).join('\n\n')}
`;
}

function section({ title, text, handlers }: Section): string {
  return [`## ${title}`, ...(text === '' ? [] : [text]), ...handlers.flatMap(methodsOf).map(method)].join('\n\n');
}

function method({ name, needs, params, about }: RpcMethodDeclaration<unknown>): string {
  if (!about) throw new Error(`nothing says what the CBOR-RPC method ${name} does`);
  const rows = parameterRows(name, params.fields ?? {}, '');
  const parts = [
    `### ${name}(${Object.keys(params.fields ?? {}).join(', ')})`,
    `${about.does} ${needText(needs)}`,
    ...(rows.length === 0 ? [] : [markdownTable(['parameter', 'type', 'default', 'meaning'], rows)]),
    `Answers ${about.answers}.`,
    `\`\`\`\n${name}(${about.example.params})\n${about.example.result}\n\`\`\``,
  ];
  return parts.join('\n\n');
}

function parameterRows(
  method: string,
  fields: Readonly<Record<string, ParamReader<unknown>>>,
  path: string,
): string[][] {
  return Object.entries(fields).flatMap(([name, reader]) => {
    const full = `${path}${name}`;
    if (reader.fields) return parameterRows(method, reader.fields, `${full}.`);
    if (reader.meaning === undefined)
      throw new Error(`nothing says what ${full} of the CBOR-RPC method ${method} means`);
    return [[`\`${full}\``, reader.type, shownDefault(reader), reader.meaning]];
  });
}

function shownDefault({ absent }: ParamReader<unknown>): string {
  if (!absent) return '';
  return absent.value === undefined ? 'absent' : `\`${JSON.stringify(absent.value)}\``;
}
