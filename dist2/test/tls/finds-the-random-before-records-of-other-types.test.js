import { Socket } from 'node:net';
import t from 'tap';
import { HelloTap, sentinelOf } from '../../src/tls/sentinel.js';
// A resumed handshake up to TLS 1.2 has change_cipher_spec in the first flight, one of TLS 1.3 encrypted records too.
t.test('records of other types behind a ServerHello, in the same read, do not hide its random', async (t) => {
    const random = Buffer.from('0123456789abcdef01234567DOWNGRD\u0001', 'latin1');
    const hello = Buffer.concat([Buffer.from([2, 0, 0, 38, 3, 3]), random, Buffer.from([0, 0xc0, 0x2b, 0])]);
    const flight = Buffer.concat([
        Buffer.from([22, 3, 3, 0, hello.length]),
        hello,
        Buffer.from([20, 3, 3, 0, 1, 1]),
        Buffer.from([23, 3, 3, 0, 2, 0, 0]),
    ]);
    const raw = new Socket();
    const tap = new HelloTap(raw);
    t.teardown(() => tap.destroy());
    raw.emit('data', flight);
    t.same(tap.random, random);
    t.equal(sentinelOf(random), 'TLSv1.3');
});
//# sourceMappingURL=finds-the-random-before-records-of-other-types.test.js.map