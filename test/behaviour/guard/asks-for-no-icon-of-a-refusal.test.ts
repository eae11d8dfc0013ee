import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

// A page can have any of these answers shown, whatever it is for. Shown, it is a document of the proxy's own origin, and the
// browser would ask for its /favicon.ico as such, which a route at / would take to the upstream.
t.test('E2 an answer of the proxy has a browser that shows it load nothing', async (t) => {
  const { url, proxy } = await startPair(t, { config: { admin: '127.0.0.1:0' } });
  const nothing = "default-src 'none'; frame-ancestors 'none'; sandbox";
  const replies = [
    await send(url, { headers: { 'Sec-Fetch-Site': 'cross-site' } }),
    await send(`${proxy.admin}/readyz`, { headers: { 'Sec-Fetch-Site': 'cross-site' } }),
    await send(`${proxy.url}/nowhere`),
  ];
  t.same(
    replies.map(({ status }) => status),
    [403, 403, 404],
  );
  for (const { headers } of replies) t.equal(headers['content-security-policy'], nothing);

  const long = await rawRequest(t, proxy.port, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const head = await long.head();
  t.match(head, /^HTTP\/1\.1 414 /);
  t.match(head, `\r\nContent-Security-Policy: ${nothing}\r\n`);
});
