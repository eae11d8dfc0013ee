import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { join } from '../fixtures/pair.ts';
import { makeAuthority } from '../fixtures/pki.ts';
import { startSite } from '../fixtures/web/site.ts';
import { startWebUpstream } from '../fixtures/web/upstream.ts';
import { startWiretap } from '../fixtures/web/wiretap.ts';

const up = await startWebUpstream(t);
const { proxy } = await join(t, up, { route: { match: { path: '/' } } });
const browser = await startBrowser(t, { names: ['evil.example'] });

t.test('E2 the issuer that a certificate names is not fetched through the proxy', async (t) => {
  const wire = await startWiretap(t, proxy.port);
  const unknown = await makeAuthority({ name: 'unknown' });
  const issuerUrl = `http://127.0.0.1:${wire.port}/issuer`;
  const tls = await startSite(t, await unknown.issue({ name: 'evil.example', names: ['evil.example'], issuerUrl }));
  const { page } = await browser.open();
  // What any page can have happen, by an image of that server.
  await t.rejects(page.goto(`https://evil.example:${tls.port}/`), /ERR_CERT_AUTHORITY_INVALID/);
  t.match(await wire.exchanges.first(), {
    target: '/issuer',
    status: 403,
    fields: { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'no-cors' },
  });
  t.equal(up.accepted, 0);
});

t.test('E2 a page cannot have other protocols read as requests', async (t) => {
  const wire = await startWiretap(t, proxy.port);
  const site = await startSite(t);
  const { page } = await browser.open(`http://evil.example:${site.port}/`);
  const server = `{ urls: 'turn:127.0.0.1:${wire.port}?transport=tcp', username: 'GET /turn HTTP/1.1', credential: 'x' }`;
  const connection = `Object.assign(new RTCPeerConnection({ iceServers: [${server}] }), { onicecandidate: console.log })`;
  await page.evaluate(`{
    const connection = ${connection};
    connection.createDataChannel('own');
    void connection.createOffer().then((offer) => connection.setLocalDescription(offer));
  }`);
  const answer = await wire.exchanges.first();
  t.match(answer, { method: '', status: 400 });
  t.equal(
    await page.evaluate(`fetch('https://127.0.0.1:${wire.port}/tls').catch(String)`),
    'TypeError: Failed to fetch',
  );
  t.ok(wire.exchanges.all().every(({ status }) => status === 400));
  t.equal(up.accepted, 0);
});
