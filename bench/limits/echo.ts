import { createServer } from 'node:net';

/**
 * The limit of CBOR-RPC on one event loop: a bare TCP server that reads the length of each frame and answers a fixed reply
 * of the size of an answer to get_work, `[tuple(b"load", b"unit-000000001", {"x": true}), null]`.
 */
const body = Buffer.from(
  'a24269640166726573756c7482d8808344' +
    Buffer.from('load').toString('hex') +
    '4e' +
    Buffer.from('unit-000000001').toString('hex') +
    'a14178f5f6',
  'hex',
);
const reply = Buffer.concat([Buffer.from([0xd8, 0x18, 0x58, body.length]), body]);

/** How many bytes the frame at the start takes. The load generator sends none of 64 KiB or more here. */
function frameLength(bytes: Buffer): number {
  const info = bytes[2] & 31;
  if (info < 24) return 3 + info;
  return info === 24 ? 4 + bytes[3] : 5 + bytes.readUInt16BE(3);
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (bytes: Buffer) => {
    while (bytes.length > 4 && bytes.length >= frameLength(bytes)) {
      bytes = bytes.subarray(frameLength(bytes));
      socket.write(reply);
    }
  });
  socket.on('error', () => undefined);
});

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  process.stdout.write(`listening on 127.0.0.1:${address.port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
