import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

const post = (length: string): string => `POST /iot HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`;

t.test('D7 a length that a double or a signed number cannot hold is 400, and closed', async (t) => {
  const { up, proxy } = await startPair(t);
  for (const length of ['9007199254740992', '9223372036854775807', '9223372036854775808', '18446744073709551615']) {
    const wire = await rawRequest(t, proxy.port, `${post(length)}hello`);
    t.equal(await wire.ended, 'end', length);
    t.match(wire.text(), /^HTTP\/1\.1 400 .*\r\nConnection: close\r\n/s);
    t.match(wire.text(), '"cause":"bad-request"');
  }
  t.equal(up.accepted, 0);
});

t.test('leading zeros, which some servers take for octal, go on without', async (t) => {
  const { up, proxy } = await startPair(t);
  for (const [length, sent] of [
    ['010', '10'],
    ['0000000000000000000000000000010', '10'],
    ['00', '0'],
    ['0', '0'],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, `${post(length)}${'0123456789'.slice(0, Number(sent))}`);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    t.match(up.requests.at(-1), { bytes: Number(sent), complete: true });
    t.same(up.requests.at(-1).values('content-length'), [sent]);
  }
});
