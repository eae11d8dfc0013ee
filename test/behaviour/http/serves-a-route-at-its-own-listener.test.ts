import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { join, type Problem, pki, trusting } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

t.test('a route with a listener of its own takes all that comes there, and nothing else', async (t) => {
  const up = await startUpstream(t, trusting);
  const { routes } = oneRoute(up.url) as { routes: object[] };
  const route = (name: string, match: object) => ({ ...routes[0], name, match, upstream: `${up.url}/${name}` });
  const { proxy } = await join(t, up, {
    config: {
      listen: ['127.0.0.1:0', '[::1]:0', '127.0.0.9:0'],
      routes: [
        route('four', { listen: '127.0.0.1:0' }),
        route('six', { listen: '[::1]:0' }),
        route('path', { path: '/iot', listen: '[::1]:0' }),
      ],
    },
    files: pkiFiles(pki),
  });
  const targetOf = async (address: string | undefined, path: string): Promise<unknown> =>
    (await send(`http://${address}${path}`)).json()['target'];
  const [four, six, other] = proxy.addresses;
  t.equal(await targetOf(four, '/iot/x?y'), '/four/iot/x?y');
  t.equal(await targetOf(six, '/a'), '/six/a');
  t.equal(await targetOf(six, '/iot/x'), '/path/x', 'a path on it is more specific');
  const reply = await send(`http://${other}/iot/x`);
  t.match(reply, { status: 404 });
  t.match(reply.json<Problem>(), { cause: 'no-route', detail: /four \(listen 127\.0\.0\.1:0\)/ });
  t.equal(up.requests.length, 3);
});
