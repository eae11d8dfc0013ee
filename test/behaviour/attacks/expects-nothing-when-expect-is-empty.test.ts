import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { answering, startRawPair } from '../../fixtures/pair.ts';

t.test('D4 an Expect without a member is no expectation', async (t) => {
  const { up, proxy } = await startRawPair(t, answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  for (const value of ['', ' , ']) {
    const request = `POST /iot HTTP/1.1\r\nHost: localhost\r\nExpect: ${value}\r\nContent-Length: 0\r\n\r\n`;
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /, 'and nobody is told to go on');
  }
  t.notMatch(up.connections.at(0).text(), /Expect/i);
});
