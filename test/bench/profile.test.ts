import { describe, expect, it } from 'vitest';
import { stageAt } from '../../bench/profile/stages.js';
import { readV8Log } from '../../bench/profile/v8-log.js';

const SCANNER = 'file:///daemon/dist/cbor/scanner.js:39:9';
const ANSWER = 'file:///daemon/dist/cbor-rpc/dispatcher.js:61:9';

describe('the code of a log of V8', () => {
  const codes = () =>
    readV8Log(
      [
        'v8-version,11,3,244,8,-node.38,0',
        `code-creation,Builtin,2,10,0x500,256,RecordWrite`,
        `code-creation,JS,11,100,0x1000,64,scan ${SCANNER},0xa1,^`,
        `code-creation,JS,13,200,0x2000,256,answer ${ANSWER},0xa2,*`,
        // The second of those inlined has no function of its own; the third is in the first.
        'code-source-info,0x2000,99,83,137,C0O83C16O5I0C64O9I2C128O-1I1C160O90,F0O118FO-1F1O20I0,S0xa1S0xb7',
        'sfi-move,0xa1,0xc1',
        `code-creation,JS,13,300,0x1000,128,other ${ANSWER},0xa3,*`,
        'code-source-info,0x1000,99,83,137,C0O83C8O5I0,F0O118,S0xc1',
        'code-move,0x2000,0x8000',
        '',
      ].join('\n'),
    );

  it('is found by its address, with what was inlined there', () => {
    const all = codes();
    expect(all.find(0x2000, 250)).toEqual([`answer ${ANSWER}`]);
    expect(all.find(0x2000 + 20, 250)).toEqual([`scan ${SCANNER}`, `answer ${ANSWER}`]);
    expect(all.find(0x2000 + 64, 250)).toEqual(['', `scan ${SCANNER}`, `answer ${ANSWER}`]);
    expect(all.find(0x2000 + 130, 250)).toEqual(['', `answer ${ANSWER}`]);
    expect(all.find(0x2000 + 255, 250)).toEqual([`answer ${ANSWER}`]);
    expect(all.find(0x2000 + 256, 250)).toEqual([]);
  });

  it('is what was there at the moment', () => {
    const all = codes();
    expect(all.find(0x1000, 99)).toEqual([]);
    expect(all.find(0x1000, 100)).toEqual([`scan ${SCANNER}`]);
    expect(all.find(0x1000 + 64, 299)).toEqual([]);
    expect(all.find(0x1000 + 64, 300)).toEqual([`scan ${SCANNER}`, `other ${ANSWER}`]);
    expect(all.find(0x8000 + 20, 300)).toEqual([`scan ${SCANNER}`, `answer ${ANSWER}`]);
    expect(all.find(0x2000 + 20, 300)).toEqual([]);
  });

  it('leaves what is built in to whoever has its symbols', () => {
    expect(codes().find(0x500, 50)).toEqual([]);
  });
});

describe('the stage of a request', () => {
  it.each([
    ['ksys_write [kernel.kallsyms]', 'write: system'],
    ['ksys_read [kernel.kallsyms]', 'read: system'],
    ['do_epoll_wait [kernel.kallsyms]', 'events'],
    ['tcp_write_xmit [kernel.kallsyms]', undefined],
    ['__libc_write /usr/lib/x86_64-linux-gnu/libc.so.6', 'write: system'],
    ['malloc /usr/lib/x86_64-linux-gnu/libc.so.6', undefined],
    ['Builtins_LoadIC /usr/bin/node', undefined],
    [`scan ${SCANNER}`, 'walk'],
    [`answer ${ANSWER}`, 'dispatch'],
    ['read file:///daemon/dist/cbor-rpc/params/scalars.js:5:7', 'walk'],
    ['writeHead file:///daemon/dist/cbor/writer.js:290:12', 'encode'],
    ['claim file:///daemon/dist/storage/memory/claiming.js:7:22', 'model'],
    ['add file:///daemon/dist/timing/tally.js:23:5', 'metrics'],
    ['now node:internal/perf/performance:20:5', 'metrics'],
    ['onwrite node:internal/streams/writable:615:17', 'write: Node'],
    ['node::StreamBase::WriteBuffer /usr/bin/node', 'write: Node'],
    ['node::EmitToJSStreamListener::OnStreamRead /usr/bin/node', 'read: Node'],
    ['v8::internal::Scavenger::ScavengePage /usr/bin/node', 'collector'],
    ['uv__io_poll /usr/bin/node', 'events'],
  ])('of %s is %s', (place, stage) => {
    expect(stageAt(place)).toBe(stage);
  });
});
