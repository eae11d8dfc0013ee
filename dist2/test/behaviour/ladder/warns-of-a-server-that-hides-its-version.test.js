import t from 'tap';
import { climbed, isProblem, offers, scene, tell, until12, without13 } from '../../fixtures/ladder.js';
const downgraded = { decide: without13('reset') };
t.test('A8 a server that could speak TLS 1.3 behind a front that resets it: `warn` serves, and says so once', async (t) => {
    const { front, proxy, ask, name } = await scene(t, { ...downgraded, tls: { versions: ['TLSv1.3', 'TLSv1.2'] } });
    for (let i = 0; i < 3; i += 1) {
        const { reply } = await ask();
        t.match(reply.json(), { client: 'client', protocol: 'TLSv1.2' });
    }
    t.equal(front.hellos.at(-1).serverHello?.random.slice(-16), '444f574e47524401', 'the server says so: DOWNGRD 01');
    t.same(tell(proxy.log.all('handshake')[0]?.attempts), climbed(offers('TLSv1.3+TLSv1.2', 'TLSv1.2'), 'reset'));
    t.match(proxy.log.all('fallback'), [{ to: 'TLSv1.2', outcome: 'reset' }]);
    const lines = proxy.log.all('downgrade');
    t.match(lines, [{ level: 40, route: 'iot', upstream: name, protocol: 'TLSv1.2', sentinel: 'TLSv1.3' }]);
    t.equal(lines.length, 1);
});
t.test('A8 `refuse`: no request, nothing remembered', async (t) => {
    const tls = { versions: ['TLSv1.3', 'TLSv1.2'], downgrade: 'refuse' };
    const { up, proxy, ask, name } = await scene(t, { ...downgraded, tls });
    const names = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    for (let i = 0; i < 2; i += 1) {
        isProblem(t, await ask(), {
            status: 502,
            cause: 'tls-version',
            error: 'tls_protocol_error',
            attempts: names.map((offer, index) => `${offer} ${index === names.length - 1 ? 'downgrade' : 'reset'}`),
            detail: /speaks TLSv1\.3.*`downgrade: warn`/,
            upstream: name,
        });
    }
    t.equal(up.requests.length, 0);
    t.same(proxy.log.all('fallback'), []);
    t.same(proxy.log.all('downgrade'), []);
});
t.test('A8 at TLS 1.1 and below it is refused whatever the setting', async (t) => {
    for (const downgrade of ['warn', 'refuse']) {
        const { up, ask, name } = await scene(t, {
            decide: ({ versions }) => (versions.includes('TLSv1.2') ? 'reset' : 'pass'),
            server: { versions: { min: 'TLSv1', max: 'TLSv1.2' } },
            tls: { versions: ['TLSv1.2', 'TLSv1.1'], downgrade },
        });
        isProblem(t, await ask(), {
            status: 502,
            cause: 'tls-version',
            error: 'tls_protocol_error',
            attempts: ['TLSv1.2 reset', 'TLSv1.1 downgrade'],
            detail: /speaks TLSv1\.2.*always refused/,
            upstream: name,
        });
        t.equal(up.requests.length, 0);
    }
});
t.test('a server that has no better version says nothing, and nothing is said', async (t) => {
    const { proxy, ask } = await scene(t, { ...downgraded, server: until12, tls: { downgrade: 'refuse' } });
    const { reply, line } = await ask({ method: 'POST', body: 'x'.repeat(100_000) });
    t.equal(reply.status, 200);
    t.match(line, { protocol: 'TLSv1.2', bytesIn: 100_000 });
    t.same(proxy.log.all('downgrade'), []);
});
t.test('no fallback, no downgrade: a route that lists TLS 1.2 alone', async (t) => {
    const { proxy, ask } = await scene(t, { decide: () => 'pass', tls: { versions: ['TLSv1.2'], downgrade: 'refuse' } });
    t.equal((await ask()).reply.status, 200);
    t.same(proxy.log.all('downgrade'), []);
});
//# sourceMappingURL=warns-of-a-server-that-hides-its-version.test.js.map