import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';

t.test('the browser of a test knows its names and localhost, and tells what a page does', async (t) => {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    if (request.url === '/')
      response.end('<script src="/missing.js"></script><script>throw new Error("made")</script>');
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const browser = await startBrowser(t, { names: ['page.example', '*.sub.example'] });
  t.match(browser.version, /^\d+\./);

  for (const name of ['page.example', 'any.sub.example', 'localhost', '127.0.0.1']) {
    const { page, errors, requests } = await browser.open(`http://${name}:${port}/`);
    t.equal(await page.evaluate('location.hostname'), name);
    t.match(await errors.first((text) => text.includes('404')), /Failed to load resource/);
    t.equal(await errors.first((text) => text.includes('made')), 'Error: made');
    t.match(requests.at(0), { method: 'GET', url: `http://${name}:${port}/`, kind: 'document' });
    t.match(requests.at(1), { url: `http://${name}:${port}/missing.js`, kind: 'script', failure: undefined });
  }

  const { page, requests } = await browser.open();
  await t.rejects(page.goto(`http://other.example:${port}/`), /ERR_NAME_NOT_RESOLVED/);
  t.match(await requests.first(({ failure }) => failure !== undefined), { failure: 'net::ERR_NAME_NOT_RESOLVED' });
});
