import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

const answer = 'enough '.repeat(1_000);

for (const [what, version, fields] of [
  ['of HTTP/1.0', '1.0', ''],
  ['with Connection: close', '1.1', 'Connection: close\r\n'],
] as const) {
  t.test(`D24 a client ${what} that is still sending reads all of an early response, and its end`, async (t) => {
    const { proxy } = await startPair(t, {
      handler: (_request, response) => response.writeHead(200, { 'Content-Length': answer.length }).end(answer),
    });
    const size = 3_000_000;
    const head = (path: string): string =>
      `POST ${path} HTTP/${version}\r\nHost: localhost\r\n${fields}Content-Length: ${size}\r\n\r\n`;
    for (const [path, body] of [
      ['/iot', answer],
      ['/nowhere', '"cause":"no-route"'],
    ] as const) {
      const wire = await rawRequest(t, proxy.port, head(path));
      await wire.write(Buffer.alloc(size - 1));
      t.equal(await wire.ended, 'end', 'no reset');
      t.match(wire.text(), body);
    }
  });
}
