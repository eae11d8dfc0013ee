import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('RFC 9110 section 15.6.6: another major version of HTTP is 505, and its connection ends', async (t) => {
  const { up, proxy } = await startPair(t);
  const rest = 'Host: localhost\r\nConnection: keep-alive\r\n\r\n';
  for (const request of [
    `GET /iot HTTP/2.0\r\n${rest}`,
    `GET /iot HTTP/0.9\r\n${rest}`,
    `GET /iot\r\n${rest}`,
    'GET /iot HTTP/0.9\r\n\r\n',
    `CONNECT localhost:80 HTTP/2.0\r\n${rest}`,
    `GET /iot HTTP/2.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: localhost\r\n\r\n`,
  ]) {
    const wire = await rawRequest(t, proxy.port, `${request}GET /iot/evil HTTP/1.1\r\n${rest}`);
    await wire.ended;
    t.match(wire.text(), /^HTTP\/1\.1 505 (?:(?!HTTP\/1\.1 \d)[\s\S])*$/, JSON.stringify(request));
    t.match(wire.text(), /\r\nConnection: close\r\n(?:.+\r\n)*\r\n\{.*"cause":"bad-request"/);
  }
  t.equal(up.accepted, 0);
});
