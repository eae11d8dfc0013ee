import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('E9 the token: missing, wrong, right, and never forwarded', async (t) => {
  const token = 'marked-token';
  const { up, url, proxy, logged } = await startPair(t, {
    config: { guard: { token }, admin: '127.0.0.1:0', log: { level: 'trace' } },
  });
  for (const headers of [{}, { 'Proxy-Authorization': 'Bearer other' }, { Authorization: `Bearer ${token}` }]) {
    for (const where of [url, `${proxy.admin}/metrics`]) {
      const reply = await send(where, { headers });
      t.equal(reply.status, 407);
      t.equal(reply.headers['proxy-authenticate'], 'Bearer realm="mtls-proxy"');
      t.match(reply.headers['proxy-status'], /^mtls-proxy; error=http_request_denied; /);
      t.match(reply.json(), { cause: 'guard', detail: /`Proxy-Authorization: Bearer TOKEN`/ });
    }
  }
  t.equal(up.accepted, 0, 'no connection was made');
  t.match(await logged(), { status: 407, cause: 'guard' });

  const headers = { 'Proxy-Authorization': `Bearer ${token}` };
  t.equal((await send(url, { headers })).status, 200);
  t.equal((await send(`${proxy.admin}/healthz`, { headers })).status, 200);
  t.same(up.requests.at(0).values('proxy-authorization'), []);
  const { stdout, stderr } = await proxy.stop();
  t.notMatch(stdout + stderr, token);
});
