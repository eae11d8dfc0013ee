import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
const dir = mkdtempSync(join(tmpdir(), 'dev pki-'));
t.teardown(() => rmSync(dir, { recursive: true }));
const make = (...args) => spawnSync('bash', ['certs/make-dev-pki.sh', '--dir', dir, ...args], { encoding: 'utf8' });
const read = (name) => readFileSync(join(dir, name), 'utf8');
const certificate = (name) => new X509Certificate(read(name));
t.test('makes an authority and two identities that it issued', async (t) => {
    const { status, stdout, stderr } = make('device.example.com', '10.1.2.3');
    t.equal(stderr, '');
    t.equal(status, 0);
    t.same(readdirSync(dir).sort(), ['ca.key', 'ca.pem', 'client.crt', 'client.key', 'server.crt', 'server.key']);
    t.match(stdout, `      cert: ${join(dir, 'client.crt')}\n`);
    const ca = certificate('ca.pem');
    t.ok(ca.ca);
    for (const stem of ['server', 'client']) {
        const cert = certificate(`${stem}.crt`);
        t.ok(cert.checkIssued(ca) && cert.verify(ca.publicKey), stem);
        t.ok(cert.checkPrivateKey(createPrivateKey(read(`${stem}.key`))), stem);
        t.equal(cert.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1', stem);
    }
    t.same(certificate('server.crt').keyUsage, ['1.3.6.1.5.5.7.3.1']);
    t.same(certificate('client.crt').keyUsage, ['1.3.6.1.5.5.7.3.2']);
    const server = certificate('server.crt');
    for (const name of ['localhost', 'device.example.com'])
        t.equal(server.checkHost(name), name);
    for (const address of ['127.0.0.1', '::1', '10.1.2.3'])
        t.equal(server.checkIP(address), address);
});
t.test('only this user can read the keys', async (t) => {
    for (const name of ['ca.key', 'server.key', 'client.key'])
        t.equal(statSync(join(dir, name)).mode & 0o777, 0o600, name);
});
t.test('overwrites nothing unless told to', async (t) => {
    const before = read('client.crt');
    const refused = make();
    t.equal(refused.status, 1);
    t.match(refused.stderr, /ca\.pem is there already; --force overwrites it/);
    t.equal(read('client.crt'), before);
    t.equal(make('--force', '--days', '2').status, 0);
    t.not(read('client.crt'), before);
    t.ok(Date.parse(certificate('client.crt').validTo) <= Date.now() + 2 * 86_400_000);
});
t.test('refuses what it does not understand, before it writes', async (t) => {
    const before = read('client.crt');
    const rows = [['--frce'], ['--days', '0'], ['--days'], ['--force', 'a,DNS:b']];
    for (const args of rows)
        t.equal(make(...args).status, 2, args.join(' '));
    t.equal(read('client.crt'), before);
    t.match(make('--help').stdout, /^usage: /);
});
//# sourceMappingURL=dev-pki.test.js.map