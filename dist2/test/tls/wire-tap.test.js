import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import t from 'tap';
import { groupNames, WireTap } from '../../src/tls/wire-tap.js';
t.test('the tap passes everything on and reads records however they are cut', async (t) => {
    const sockets = createServer((socket) => socket.on('data', (bytes) => socket.write(bytes)).on('error', () => undefined));
    sockets.listen(0, '127.0.0.1');
    await once(sockets, 'listening');
    const raw = connect(sockets.address().port, '127.0.0.1');
    t.teardown(() => {
        raw.destroy();
        sockets.close();
    });
    await once(raw, 'connect');
    const tap = new WireTap(raw);
    let seen = '';
    tap.on('data', (bytes) => (seen += bytes.toString('hex')));
    t.equal(tap.requestedCertificate('TLSv1.3'), undefined);
    t.equal(tap.requestedCertificate('TLSv1.2'), undefined);
    const sent = '1603030004' + '0b000000' + '1703030001' + '00' + '1703030001' + '00';
    for (const byte of Buffer.from(sent, 'hex'))
        tap.write(Buffer.from([byte]));
    while (seen.length < sent.length)
        await once(tap, 'data');
    t.equal(seen, sent);
    t.equal(tap.requestedCertificate('TLSv1.2'), true);
    t.equal(tap.requestedCertificate('TLSv1.3'), true);
    t.equal(tap.group, undefined);
    t.equal(groupNames[29], 'X25519');
    tap.end();
    await once(tap, 'close');
});
t.test('an encrypted Finished is not taken for a Certificate, whatever its first byte', async (t) => {
    const raw = new Socket();
    const tap = new WireTap(raw);
    t.teardown(() => tap.destroy());
    const keyExchange = '1603030004' + '10000000';
    const finished = '140303000101' + '1603030004' + '0b000000';
    tap.write(Buffer.from(keyExchange + finished, 'hex'));
    t.equal(tap.requestedCertificate('TLSv1.2'), false);
});
t.test('a handshake record with nothing in it says nothing', async (t) => {
    const sent = (bytes) => {
        const tap = new WireTap(new Socket());
        t.teardown(() => tap.destroy());
        tap.write(Buffer.from(bytes, 'hex'));
        return tap.requestedCertificate('TLSv1.2');
    };
    t.equal(sent('1603030000'), undefined);
    t.equal(sent('1603030000' + '16030300040b000000'), true, 'and what follows is read');
});
//# sourceMappingURL=wire-tap.test.js.map