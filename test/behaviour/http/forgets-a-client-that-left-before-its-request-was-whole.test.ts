import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { inspected, objectsOf } from '../../fixtures/heap.ts';
import { startPair } from '../../fixtures/pair.ts';
import { settled } from '../../fixtures/vitals.ts';

const count = 20;

for (const [what, target, status] of [
  ['by the upstream, which waits for no body', '/iot', 401],
  ['by the proxy', '/elsewhere', 404],
] as const) {
  for (const framing of ['Content-Length: 9', 'Transfer-Encoding: chunked']) {
    t.test(`D24 nothing is kept of a client that left when it had been answered ${what} (${framing})`, async (t) => {
      const folder = t.testdir({});
      const { proxy, logged } = await startPair(t, {
        handler: (_request, response) => response.writeHead(401, { Connection: 'close' }).end(),
        config: { admin: '127.0.0.1:0' },
        env: inspected(folder),
      });
      for (let n = 1; n <= count; n += 1) {
        const head = `POST ${target} HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n`;
        const wire = await rawRequest(t, proxy.port, head);
        t.match(await wire.head(), `HTTP/1.1 ${status} `);
        wire.reset();
      }
      t.match(await logged(count - 1), { status });
      // What a request is, in the proxy.
      const tasks = async () => (await objectsOf(proxy, folder)).get('Task') ?? 0;
      t.equal(await settled(tasks, (now) => now === 0), 0);
    });
  }
}
