import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('D16 RFC 9112 section 3.2.4: the asterisk form is for OPTIONS alone', async (t) => {
  const { up, proxy } = await startPair(t, { route: { match: { host: 'device.test' } } });
  for (const method of ['GET', 'POST', 'TRACE', 'PROPFIND']) {
    const request = `${method} * HTTP/1.1\r\nHost: device.test\r\nContent-Length: 0\r\n\r\n`;
    t.match(await (await rawRequest(t, proxy.port, request)).head(), /^HTTP\/1\.1 400 /, method);
  }
  t.equal(up.accepted, 0);
  const wire = await rawRequest(t, proxy.port, 'OPTIONS * HTTP/1.1\r\nHost: device.test\r\n\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
  t.equal(up.requests.at(0).target, '*');
});
