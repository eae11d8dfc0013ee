import t from 'tap';
import { climbed, offers, scene, seen, tell, until12, without13 } from '../../fixtures/ladder.js';
t.test('A2 a close on hellos that offer TLS 1.3 leads to TLS 1.2', async (t) => {
    const tls = { versions: ['TLSv1.3', 'TLSv1.2'], remember: 0 };
    const { up, front, proxy, name, ask } = await scene(t, { decide: without13('close'), server: until12, tls });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    const { reply, line } = await ask();
    t.match(reply.json(), { client: 'client', protocol: 'TLSv1.2' });
    t.match(line, { status: 200, protocol: 'TLSv1.2', attempts: ladder.length, reused: false });
    t.notOk('cause' in line);
    t.equal(proxy.log.all('handshake').length, 1);
    const [handshake] = proxy.log.all('handshake');
    t.match(handshake, { upstream: name, protocol: 'TLSv1.2', offer: 'TLSv1.2' });
    t.same(tell(handshake?.attempts), climbed(ladder, 'close'));
    const fallbacks = proxy.log.all('fallback');
    t.equal(fallbacks.length, 1);
    t.match(fallbacks[0], { level: 40, from: 'TLSv1.3+TLSv1.2', to: 'TLSv1.2', outcome: 'close', code: 'ECONNRESET' });
    t.same(seen(front), ladder);
    t.equal(up.requests.length, 1);
});
//# sourceMappingURL=falls-back-on-a-close.test.js.map