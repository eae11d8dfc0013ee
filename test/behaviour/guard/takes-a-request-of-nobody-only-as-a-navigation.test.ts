import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

// `none` is what Chromium says of what its user typed, but also of what it fetches by itself for a page: in the background, or
// as the issuer that the certificate of a page's server names.
t.test('E2 a request without an initiator is let in as a navigation, and 403 as anything else', async (t) => {
  const { up, url, proxy } = await startPair(t, { config: { admin: '127.0.0.1:0' } });
  const by = (mode: string) => ({ headers: { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': mode } });
  for (const mode of ['no-cors', 'cors', 'same-origin', 'websocket', 'anything']) {
    for (const where of [url, `${proxy.admin}/metrics`]) {
      const reply = await send(where, by(mode));
      t.equal(reply.status, 403, mode);
      t.match(reply.json(), { cause: 'guard', detail: /"none", which is no navigation/ });
    }
  }
  t.equal(up.accepted, 0);
  t.equal((await send(url, by('navigate'))).status, 200);
  t.equal((await send(`${proxy.admin}/metrics`, by('navigate'))).status, 200);
});
