import { once } from 'node:events';
import { Socket } from 'node:net';
import t from 'tap';
import { HandshakeWitness } from '../../src/tls/handshake-witness.js';
const identity = { name: 'localhost', verifyHostname: true, pins: [] };
/** A ServerHello of TLS 1.3 whose one extension is the key share of a group. */
function serverHello(group) {
    const extension = Buffer.from([0, 51, 0, 5, group >> 8, group & 255, 0, 1, 0]);
    const body = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32), Buffer.from([0, 19, 1, 0, 0, 9]), extension]);
    const message = Buffer.concat([Buffer.from([2, 0, 0, body.length]), body]);
    return Buffer.concat([Buffer.from([22, 3, 3, 0, message.length]), message]);
}
async function witnessOf(t, bytes) {
    const witness = new HandshakeWitness(identity, []);
    const raw = new Socket();
    const tap = witness.tap(raw);
    t.teardown(() => tap.destroy());
    const read = once(tap, 'data');
    raw.emit('data', bytes);
    await read;
    return witness;
}
t.test('the group of TLS 1.3 is named, or told by its number', async (t) => {
    t.equal((await witnessOf(t, serverHello(29))).group, 'X25519');
    t.equal((await witnessOf(t, serverHello(0x11ec))).group, 'X25519MLKEM768');
    t.equal((await witnessOf(t, serverHello(0x0abc))).group, '0x0abc');
});
t.test('of an attempt that did not get that far nothing is known', async (t) => {
    const { group, chosen, protocol, cipher, certificate, certificateRequested } = new HandshakeWitness(identity, []);
    t.same([group, chosen, protocol, cipher, certificate, certificateRequested], Array(6).fill(undefined));
});
//# sourceMappingURL=handshake-witness.test.js.map