import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('D17 RFC 9112 section 3.2: a target has no fragment, of which others would read less than we do', async (t) => {
  const { up, proxy } = await startPair(t);
  for (const target of [
    '/iot/x#y',
    '/iot/x#',
    '/iot#x',
    '/iot/x?y#z',
    '/iot/x#/../../admin',
    'http://localhost/iot#x',
  ]) {
    const wire = await rawRequest(t, proxy.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    t.match(await wire.head(), /^HTTP\/1\.1 400 /, target);
    t.match((await wire.until('}\n')).toString(), 'bad-request');
  }
  t.equal(up.accepted, 0);
});
