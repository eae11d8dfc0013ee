import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { type Problem, pki, startPair } from '../../fixtures/pair.ts';
import { replaceFiles, swap } from '../../fixtures/reload.ts';

t.test('C7 CA replaced: no session and no connection gets around it', async (t) => {
  const { up, url, proxy } = await startPair(t, {
    tls: { versions: ['TLSv1.2'] },
    route: { pool: { keepAlive: false } },
  });
  t.match((await send(url)).json(), { resumed: false });
  t.match((await send(url)).json(), { resumed: true });
  // Of the same name, with another key.
  await swap(proxy, () => replaceFiles(proxy.directory, { 'ca.pem': pki.twin.ca.cert }));
  const refused = await send(url);
  t.equal(refused.status, 502);
  t.match(refused.json<Problem>(), { cause: 'server-certificate' });
  t.equal(up.requests.length, 2);
  await swap(proxy, () => replaceFiles(proxy.directory, { 'ca.pem': pki.ca.cert }));
  t.match((await send(url)).json(), { resumed: false }, 'the back-off of the failure is gone as well');
});
