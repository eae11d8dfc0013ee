import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { createSecureContext, connect as startTls } from 'node:tls';
import t from 'tap';
import { HelloTap, sentinelOf } from '../../src/tls/sentinel.js';
import { makePki } from '../fixtures/pki.js';
import { startUpstream } from '../fixtures/upstreams.js';
const pki = await makePki();
const identity = { cert: pki.server.chain, key: pki.server.key };
const random = Buffer.from('0123456789abcdef01234567DOWNGRD\u0001', 'latin1');
const hello = message(2, Buffer.concat([Buffer.from([3, 3]), random, Buffer.from([0, 0xc0, 0x2b, 0])]));
/** Where the random ends in a ServerHello that is one record. */
const complete = 5 + 4 + 2 + 32;
function message(type, body) {
    return Buffer.concat([Buffer.from([type, 0, 0, body.length]), body]);
}
function record(type, body) {
    return Buffer.concat([Buffer.from([type, 3, 3, 0, body.length]), body]);
}
/** A tap on a socket without a network, which has read these bytes, one read each. */
function after(t, ...reads) {
    const raw = new Socket();
    const tap = new HelloTap(raw);
    t.teardown(() => tap.destroy());
    for (const bytes of reads)
        raw.emit('data', bytes);
    return tap;
}
const bytesOf = (bytes) => [...bytes].map((byte) => Buffer.from([byte]));
/** A TCP connection: our end with a tap on it, and the server's. */
async function tapped(t) {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const near = connect({ port: server.address().port, host: '127.0.0.1', noDelay: true });
    const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')]));
    far.on('error', () => undefined);
    t.teardown(() => {
        near.destroy();
        far.destroy();
        server.close();
    });
    return { near, far, tap: new HelloTap(near) };
}
/** All that is read up to the other side's end; the stream itself stays open. */
async function text(stream) {
    let all = '';
    stream.on('data', (bytes) => (all += bytes.toString('latin1')));
    await once(stream, 'end');
    return all;
}
t.test('RFC 8446 section 4.1.3: the marks', async (t) => {
    const ending = (end) => sentinelOf(Buffer.from(`${'x'.repeat(24)}${end}`, 'latin1'));
    t.equal(ending('DOWNGRD\u0001'), 'TLSv1.3');
    t.equal(ending('DOWNGRD\u0000'), 'TLSv1.2');
    for (const end of ['DOWNGRD\u0002', 'downgrd\u0001', 'xDOWNGRD'])
        t.equal(ending(end), undefined, end);
    t.equal(sentinelOf(Buffer.from(`DOWNGRD\u0001${'x'.repeat(24)}`, 'latin1')), undefined, 'not at its end');
});
t.test('the random of a ServerHello', async (t) => {
    t.same(after(t, record(22, hello)).random, random);
    const first = record(22, hello.subarray(0, 20));
    t.same(after(t, first, record(22, hello.subarray(20))).random, random, 'in two records');
    const small = bytesOf(hello).map((byte) => record(22, byte));
    t.same(after(t, Buffer.concat(small)).random, random, 'in a record for each byte');
    t.same(after(t, record(22, Buffer.alloc(0)), record(22, hello)).random, random, 'behind an empty record');
    await t.test('is there with its last byte, however it was cut', async (t) => {
        const reads = bytesOf(record(22, hello));
        t.equal(after(t).random, undefined);
        t.equal(after(t, ...reads.slice(0, complete - 1)).random, undefined);
        t.same(after(t, ...reads.slice(0, complete)).random, random);
    });
    await t.test('is not changed by what follows', async (t) => {
        const other = Buffer.concat([hello.subarray(0, 6), Buffer.alloc(32), hello.subarray(38)]);
        t.same(after(t, record(22, hello), record(22, other)).random, random);
    });
});
t.test('what is no ServerHello has none, whatever follows', async (t) => {
    const follows = record(22, hello);
    t.equal(after(t, record(22, message(1, hello.subarray(4))), follows).random, undefined, 'another message');
    t.equal(after(t, record(21, Buffer.from([2, 40])), follows).random, undefined, 'an alert');
    t.equal(after(t, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), follows).random, undefined, 'no TLS');
});
t.test('a real connection', async (t) => {
    const said = async (versions, maxVersion) => {
        const up = await startUpstream(t, { ...identity, versions });
        const raw = connect(up.port, '127.0.0.1');
        await once(raw, 'connect');
        const tap = new HelloTap(raw);
        const ciphers = 'DEFAULT@SECLEVEL=0';
        const secureContext = createSecureContext({ ca: pki.ca.cert, minVersion: 'TLSv1.1', maxVersion, ciphers });
        const secure = startTls({ socket: tap, secureContext, servername: 'localhost' });
        t.teardown(() => secure.destroy());
        await once(secure, 'secureConnect');
        t.ok(secure.authorized);
        secure.write('GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
        t.match(await text(secure), /"target":"\/x"/);
        t.equal(tap.random?.length, 32);
        return [secure.getProtocol(), sentinelOf(tap.random ?? Buffer.alloc(0))];
    };
    t.equal((await said({ max: 'TLSv1.2' }, 'TLSv1.2'))[1], undefined, 'a server that can do no better');
    t.equal((await said({ max: 'TLSv1.3' }, 'TLSv1.2'))[1], 'TLSv1.3', 'a server that can, asked for TLS 1.2');
    t.equal((await said({ max: 'TLSv1.3' }, 'TLSv1.3'))[1], undefined, 'and asked for its best');
    t.equal((await said({ min: 'TLSv1.1', max: 'TLSv1.2' }, 'TLSv1.1'))[1], 'TLSv1.2', 'asked for TLS 1.1');
});
t.test('both ways, byte for byte, to both ends', async (t) => {
    const { far, tap } = await tapped(t);
    const heard = text(far);
    const closed = once(tap, 'close');
    tap.end('question');
    t.equal(await heard, 'question');
    far.end('answer');
    t.equal(await text(tap), 'answer');
    await closed;
});
t.test('the reader holds the server back', async (t) => {
    const { near, far, tap } = await tapped(t);
    const paused = once(near, 'pause');
    const size = 8 * 1024 * 1024;
    far.end(Buffer.alloc(size, 'x'));
    await paused;
    t.ok(near.isPaused());
    t.ok(tap.readableLength < size);
    t.equal((await text(tap)).length, size);
});
t.test('a farewell behind the server’s end is dropped, and no error', async (t) => {
    const { near, far, tap } = await tapped(t);
    const heard = text(far);
    const closed = once(tap, 'close');
    far.end();
    tap.resume();
    await new Promise((resolve, reject) => {
        tap.once('error', reject);
        // Node ends our side by itself.
        near.once('finish', () => {
            t.notOk(near.writable);
            tap.end('farewell', resolve);
        });
    });
    t.equal(await heard, '');
    await closed;
});
t.test('a reset is the tap’s error', async (t) => {
    const { near, far, tap } = await tapped(t);
    far.resetAndDestroy();
    const [error] = (await once(tap, 'error'));
    t.equal(error.code, 'ECONNRESET');
    t.ok(tap.destroyed);
    t.ok(near.destroyed);
});
t.test('the socket’s end is the tap’s', async (t) => {
    const { near, tap } = await tapped(t);
    near.destroy();
    await once(tap, 'close');
    t.ok(tap.destroyed);
});
t.test('the tap’s end is the socket’s', async (t) => {
    const { near, far, tap } = await tapped(t);
    const heard = text(far);
    tap.destroy();
    t.equal(await heard, '');
    t.ok(near.destroyed);
});
//# sourceMappingURL=sentinel.test.js.map