import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import t from 'tap';
import { checkIdentity, spkiPin } from '../../src/tls/identity.js';
import { makePki } from '../fixtures/pki.js';
import { startUpstream } from '../fixtures/upstreams.js';
const { ca, server, other } = await makePki();
const up = await startUpstream(t, { cert: server.chain, key: server.key });
/** A verified connection whose name nobody has looked at yet. */
async function meet(t) {
    const socket = connect({
        port: up.port,
        ca: ca.cert,
        servername: 'localhost',
        checkServerIdentity: () => undefined,
    });
    t.teardown(() => socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
}
const none = [];
t.test('the name', async (t) => {
    const socket = await meet(t);
    for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '::1']) {
        t.equal(checkIdentity(socket, { name, verifyHostname: true, pins: none }), undefined, name);
    }
    for (const name of ['device.test', '127.0.0.2', '::2']) {
        const error = checkIdentity(socket, { name, verifyHostname: true, pins: none });
        t.match(error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, name);
        t.equal(checkIdentity(socket, { name, verifyHostname: false, pins: none }), undefined);
    }
});
t.test('the pins', async (t) => {
    const socket = await meet(t);
    const by = (...pins) => checkIdentity(socket, { name: 'localhost', verifyHostname: true, pins });
    t.equal(by(server.spkiPin), undefined);
    t.equal(by(other.server.spkiPin, server.spkiPin), undefined);
    const error = by(other.server.spkiPin);
    t.equal(error?.code, 'ERR_TLS_PIN_MISMATCH');
    t.ok(error?.message.includes(`pin "${server.spkiPin}"`), 'the pin that would do is told');
    t.match(checkIdentity(socket, { name: 'device.test', verifyHostname: true, pins: [server.spkiPin] }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'a pin is asked for besides the name');
});
t.test('a pin is the hash of the key, not of the certificate', async (t) => {
    t.equal(spkiPin(new X509Certificate(server.cert)), server.spkiPin);
    const renewed = await ca.issue({ name: 'localhost', sameKeyAs: server });
    t.equal(spkiPin(new X509Certificate(renewed.cert)), server.spkiPin);
});
//# sourceMappingURL=identity.test.js.map