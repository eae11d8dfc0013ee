import t from 'tap';
import { isProblem, scene, seen, tell } from '../../fixtures/ladder.js';
import { makePki } from '../../fixtures/pki.js';
const tls = { versions: ['TLSv1.2', 'TLSv1.1', 'TLSv1'], remember: 0 };
t.test('A22 versions [1.2, 1.1, 1.0] reach a TLS 1.0 server, with a warning at the start', async (t) => {
    const { up, front, proxy, name, ask } = await scene(t, {
        decide: () => 'pass',
        server: { versions: { min: 'TLSv1', max: 'TLSv1' } },
        tls,
    });
    const { reply, line } = await ask();
    t.match(reply.json(), { client: 'client', protocol: 'TLSv1' });
    t.match(line, { status: 200, protocol: 'TLSv1', attempts: 2 });
    const [handshake] = proxy.log.all('handshake');
    t.match(handshake, { upstream: name, protocol: 'TLSv1', offer: 'TLSv1.1+TLSv1' });
    t.same(tell(handshake?.attempts), ['TLSv1.2 version', 'TLSv1.1+TLSv1 ok']);
    t.match(proxy.log.all('fallback'), [{ level: 40, from: 'TLSv1.2', to: 'TLSv1.1+TLSv1', outcome: 'version' }]);
    t.same(seen(front), ['TLSv1.2', 'TLSv1.1']);
    t.equal(up.requests.length, 1);
    const { stderr } = await proxy.stop();
    t.match(stderr, /proxy\.yaml:\d+:\d+: warning: TLSv1\.1 is broken \(RFC 8996\).*security level 0/);
});
t.test('A22 the last rung is TLS 1.0 alone', async (t) => {
    const { front, proxy, ask } = await scene(t, {
        decide: ({ versions }) => (versions[0] === 'TLSv1' ? 'pass' : 'reset'),
        server: { versions: { min: 'TLSv1', max: 'TLSv1' } },
        tls,
    });
    t.match((await ask()).reply.json(), { protocol: 'TLSv1' });
    t.same(seen(front), ['TLSv1.2', 'TLSv1.1', 'TLSv1']);
    t.same(tell(proxy.log.all('handshake')[0]?.attempts), ['TLSv1.2 reset', 'TLSv1.1+TLSv1 reset', 'TLSv1 ok']);
});
t.test('A22 what TLS 1.0 needs does not weaken TLS 1.2', async (t) => {
    const pki = await makePki();
    const weak = await pki.ca.issue({ name: 'localhost', hash: 'SHA-1' });
    const ciphers = 'DEFAULT@SECLEVEL=0'; // or the server could not load it
    const server = { cert: weak.chain, key: weak.key, ciphers };
    const at12 = await scene(t, { pki, decide: () => 'pass', server, tls });
    isProblem(t, await at12.ask(), {
        status: 502,
        cause: 'tls-policy',
        error: 'tls_protocol_error',
        attempts: ['TLSv1.2 policy'],
        detail: /signature weaker than OpenSSL allows.*`ciphers: "DEFAULT@SECLEVEL=0"`/,
        upstream: at12.name,
    });
    t.same(seen(at12.front), ['TLSv1.2'], 'and no lower version was tried because of it');
    t.equal(at12.up.requests.length, 0);
    const versions = { min: 'TLSv1', max: 'TLSv1' };
    const at10 = await scene(t, { pki, decide: () => 'pass', server: { ...server, versions }, tls });
    t.match((await at10.ask()).reply.json(), { protocol: 'TLSv1' }, 'the same certificate does at TLS 1.0');
});
//# sourceMappingURL=reaches-a-tls10-server.test.js.map