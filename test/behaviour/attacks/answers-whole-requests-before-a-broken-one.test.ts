import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

const get = (path: string, version = '1.1', more = ''): string =>
  `GET ${path} HTTP/${version}\r\nHost: localhost\r\n${more}\r\n`;

t.test('D21 each whole request before bytes that are none is answered, and then the connection ends', async (t) => {
  const { up, proxy } = await startPair(t);
  for (const broken of [
    '\0',
    'POST /iot/broken HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n',
    get('/iot/broken', '1.1', 'X A: b\r\n'),
  ]) {
    const from = up.requests.length;
    const wire = await rawRequest(t, proxy.port, get('/iot/1') + get('/iot/2') + get('/iot/3') + broken);
    await wire.ended;
    t.same(wire.text().match(/"target":"\/\d"/g), ['"target":"/1"', '"target":"/2"', '"target":"/3"']);
    t.equal(up.requests.length, from + 3, JSON.stringify(broken));
  }
});

t.test('D21 so is a request that says close, whatever is behind it', async (t) => {
  const { proxy } = await startPair(t);
  for (const last of [get('/iot/2', '1.1', 'Connection: close\r\n'), get('/iot/2', '1.0')]) {
    const wire = await rawRequest(t, proxy.port, get('/iot/1') + last + get('/iot/evil'));
    t.equal(await wire.ended, 'end');
    t.same(wire.text().match(/"target":"\/\w+"/g), ['"target":"/1"', '"target":"/2"']);
  }
});
