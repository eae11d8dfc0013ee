import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { descriptors, settled } from '../../fixtures/vitals.ts';

const host = 'Host: localhost\r\n';
const last: readonly (readonly [what: string, request: string, status: string])[] = [
  ['a head that is none', `POST /iot HTTP/1.1\r\n${host}Content-Length: x\r\n\r\n`, '400'],
  ['a framing that is not plain', `POST /iot HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n`, '400'],
  ['chunks that are none', `POST /iot HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nx\r\n`, '400'],
  [
    'chunks that are none, of a request that goes nowhere',
    `POST /nowhere HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nx\r\n`,
    '404',
  ],
  ['another version', `POST /iot HTTP/2.0\r\n${host}Content-Length: 9000000\r\n\r\n`, '505'],
  ['a CONNECT to a stranger', `CONNECT evil.example:80 HTTP/1.1\r\n${host}\r\n`, '403'],
  ['Connection: close', `GET /nowhere HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, '404'],
  [
    'an answer before the body',
    `POST /nowhere HTTP/1.1\r\n${host}Connection: close\r\nContent-Length: 9000000\r\n\r\n`,
    '404',
  ],
];

t.test(
  'RFC 9112 section 9.6: who still sends behind the last answer is not reset before it could be read',
  async (t) => {
    const { up, proxy } = await startPair(t);
    for (const [what, request, status] of last) {
      const wire = await rawRequest(t, proxy.port, request);
      await wire.until('\r\n\r\n');
      for (let n = 0; n < 20; n += 1) {
        await wire.write('x'.repeat(1000));
        await turn();
      }
      wire.end();
      t.equal(await wire.ended, 'end', what);
      t.match(wire.text(), new RegExp(`^HTTP/1\\.1 ${status} (?:(?!HTTP/1\\.1 \\d)[\\s\\S])*\\}\\n$`), what);
    }
    t.equal(up.requests.all().filter(({ complete }) => complete).length, 0);
  },
);

t.test('E13 one that holds on to its connection does not keep it', async (t) => {
  const { proxy } = await startPair(t);
  // Whatever a first refusal opens for good is open then.
  await (await rawRequest(t, proxy.port, 'nonsense\r\n\r\n')).ended;
  const before = (await descriptors(proxy.pid)).length;
  for (const [, request] of last) await (await rawRequest(t, proxy.port, request)).until('}\n');
  const after = await settled(
    () => descriptors(proxy.pid),
    ({ length }) => length <= before,
  );
  t.ok(after.length <= before);
});
