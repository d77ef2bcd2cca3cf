/** Of the kernel only the system calls are told apart: what interrupts a request, it pays for, wherever it was. */
const SYSTEM_CALLS: readonly (readonly [stage: string, place: RegExp])[] = [
  ['write: system', /^(ksys|__x64_sys|__sys|do)_(write|writev|sendto|sendmsg) /],
  ['read: system', /^(ksys|__x64_sys|__sys|do)_(read|readv|recvfrom|recvmsg) /],
  ['events', /^(__x64_sys|__sys|do)_(epoll|accept)/],
];
const IN_KERNEL = / \[kernel\.kallsyms\]$/;

/**
 * The stages that a request goes through, and what belongs to each, by the name of a function and where it lies: a file,
 * a library or the kernel. The first that fits counts; what has no place of its own, such as allocating memory, belongs to
 * whoever called it.
 */
const STAGES: readonly (readonly [stage: string, place: RegExp])[] = [
  ['waiting', /^\(idle\)/],
  ['collector', /^\(garbage collector\)|v8::internal::.*(Heap|Scaveng|Mark|Sweep|Evacuat|BackingStore)/],
  ['compiler', /v8::internal::(compiler|baseline|interpreter|maglev|Optimiz|Compiler)/],
  ['write: system', /^__(GI___)?libc_write /],
  ['read: system', /^(read|__libc_read) \//],
  // JavaScript, by file.
  ['encode', /\/cbor\/(writer|values|encoded)\.js|\/cbor-rpc\/response-writer\.js|cbor\.[a-z]*encode/],
  ['walk', /\/cbor\/|\/cbor-rpc\/(params\/|request\.js)/],
  ['metrics', /\/observability\/metrics\/|\/timing\/|node:internal\/perf\/|FastPerformanceNow/],
  ['node:http', /node:_http|node:internal\/(http|url)|llhttp|node::.*Parser/],
  ['framework', /\/node_modules\/(@?fastify|@nestjs|find-my-way|rxjs|avvio|light-my-request)/],
  ['dispatch', /\/cbor-rpc\/|\.service\.js|\/rest\/|\.controller\.js/],
  ['model', /\/(storage|domain|scheduler|locks)\//],
  // Node's streams, in JavaScript and below.
  [
    'write: Node',
    /node:internal\/streams\/(writable|duplex)|^\S*write\S* |Write|node:net.*(write|Write)|uv__?(try_)?write/,
  ],
  [
    'read: Node',
    /node:(net|internal\/(streams|stream_base_commons|js_stream)|events)|nStreamRead|nread|uv__(read|stream_io)/,
  ],
  ['events', /^(uv_|epoll_)|^\(program\)/],
];

/** @returns undefined for what belongs to its caller */
export function stageAt(place: string): string | undefined {
  const stages = IN_KERNEL.test(place) ? SYSTEM_CALLS : STAGES;
  return stages.find(([, pattern]) => pattern.test(place))?.[0];
}
