import { createPrivateKey, X509Certificate } from 'node:crypto';
import t from 'tap';
import { clientName, makePki } from '../../src/demo/pki.js';
const pki = await makePki();
const ca = new X509Certificate(pki.ca);
const server = new X509Certificate(pki.server.cert);
const client = new X509Certificate(pki.client.cert);
const foreignCa = new X509Certificate(pki.foreignCa);
t.test('both identities are issued by the CA and not by the foreign one', async (t) => {
    for (const cert of [server, client]) {
        t.ok(cert.verify(ca.publicKey));
        t.ok(cert.checkIssued(ca));
        t.notOk(cert.verify(foreignCa.publicKey));
        t.equal(cert.ca, false);
    }
    t.equal(ca.ca, true);
    t.equal(foreignCa.ca, true);
});
t.test('each key belongs to its certificate', async (t) => {
    t.ok(server.checkPrivateKey(createPrivateKey(pki.server.key)));
    t.ok(client.checkPrivateKey(createPrivateKey(pki.client.key)));
});
t.test('the server certificate names every way to say this machine', async (t) => {
    t.equal(server.checkHost('localhost'), 'localhost');
    t.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
    t.equal(server.checkIP('::1'), '::1');
    t.equal(server.checkHost('example.com'), undefined);
});
t.test('the client certificate carries the name that upstreams report', async (t) => {
    t.match(client.subject, `CN=${clientName}`);
});
t.test('everything is valid now and for no longer than a day', async (t) => {
    for (const cert of [ca, server, client, foreignCa]) {
        t.ok(Date.parse(cert.validFrom) <= Date.now());
        t.ok(Date.parse(cert.validTo) > Date.now());
        t.ok(Date.parse(cert.validTo) <= Date.now() + 24 * 60 * 60 * 1000);
        t.match(cert.serialNumber, /^[4-7][0-9A-F]{31}$/);
    }
});
//# sourceMappingURL=pki.test.js.map