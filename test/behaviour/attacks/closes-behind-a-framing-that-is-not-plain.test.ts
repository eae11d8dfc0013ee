import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

const evil = 'GET /iot/evil HTTP/1.1\r\nHost: localhost\r\n\r\n';

t.test(
  'D7 RFC 9112 section 6.3: nothing is read behind a request whose framing others may read otherwise',
  async (t) => {
    const { up, proxy } = await startPair(t);
    for (const [what, version, fields, body] of [
      ['a coding before chunked', '1.1', 'Transfer-Encoding: gzip, chunked', '0\r\n\r\n'],
      [
        'a coding in a field before chunked',
        '1.1',
        'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
        '0\r\n\r\n',
      ],
      ['an empty coding before chunked', '1.1', 'Transfer-Encoding: , chunked', '0\r\n\r\n'],
      ['an empty coding and a length', '1.1', 'Transfer-Encoding:\r\nContent-Length: 5', 'hello'],
      ['chunked in HTTP/1.0', '1.0', 'Connection: keep-alive\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
    ] as const) {
      // Whatever else is to be said against it: by a foreign name, for no route, and by a request that is answered here.
      for (const [line, host] of [
        ['POST /iot', 'localhost'],
        ['POST /iot', 'evil.example'],
        ['POST /nowhere', 'localhost'],
        ['OPTIONS /iot', 'localhost\r\nMax-Forwards: 0'],
      ]) {
        const head = `${line} HTTP/${version}\r\nHost: ${host}\r\n${fields}\r\n\r\n`;
        const wire = await rawRequest(t, proxy.port, head + body + evil);
        await wire.ended;
        t.match(wire.text(), /^HTTP\/1\.1 400 (?:(?!HTTP\/1\.1 \d)[\s\S])*$/, `${what}: one answer`);
        t.match(wire.text(), /\r\nConnection: close\r\n/);
      }
    }
    t.equal(up.accepted, 0);
  },
);
