import t from 'tap';
import { climbed, offers, scene, tell, without13 } from '../../fixtures/ladder.ts';

t.test(
  'A8 a server that could speak TLS 1.3 behind a front that resets it: still served, and a fallback is logged',
  async (t) => {
    const { front, proxy, ask } = await scene(t, {
      decide: without13('reset'),
      tls: { versions: ['TLSv1.3', 'TLSv1.2'], remember: 0 },
    });
    const { reply } = await ask();
    t.match(reply.json(), { client: 'client', protocol: 'TLSv1.2' });
    t.equal(front.hellos.at(-1).serverHello?.random.slice(-16), '444f574e47524401', 'the server says so: DOWNGRD 01');
    t.same(tell(proxy.log.all('handshake')[0]?.attempts), climbed(offers('TLSv1.3+TLSv1.2', 'TLSv1.2'), 'reset'));
    t.match(proxy.log.all('fallback'), [{ to: 'TLSv1.2', outcome: 'reset' }]);
  },
);
