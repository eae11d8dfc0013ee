import t from 'tap';
import { startFront } from '../../fixtures/front.js';
import { ask, offers, seen } from '../../fixtures/ladder.js';
import { makePki, pkiFiles } from '../../fixtures/pki.js';
import { oneRoute, runProxy } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
/** Gives the upstream's name two addresses, of which the fixture listens on the second. */
const resolver = `import dns from 'node:dns';
const lookup = dns.lookup;
dns.lookup = (name, options, done) =>
  name === 'device.test'
    ? setImmediate(done, null, [{ address: '127.0.0.2', family: 4 }, { address: '127.0.0.1', family: 4 }])
    : lookup(name, options, done);`;
t.test('A31 a name whose first address refuses is reached at the next', async (t) => {
    const pki = await makePki();
    const { ca } = pki;
    const server = await ca.issue({ name: 'device', names: ['device.test'] });
    const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: ca.cert });
    const front = await startFront(t, { to: up, decide: () => 'pass' });
    const proxy = await runProxy(t, {
        config: oneRoute(`https://device.test:${front.port}`),
        files: pkiFiles(pki),
        env: {
            NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import data:text/javascript,${encodeURIComponent(resolver)}`,
        },
    });
    const { reply, line } = await ask(proxy);
    t.match(reply.json(), { client: 'client' });
    t.match(line, { status: 200, attempts: 1 });
    t.same(seen(front), [offers('TLSv1.3+TLSv1.2')[0]]);
    t.equal(front.hellos.at(0).hello.servername, 'device.test');
});
//# sourceMappingURL=tries-every-address-of-a-name.test.js.map