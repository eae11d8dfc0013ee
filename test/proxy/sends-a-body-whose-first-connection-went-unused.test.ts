import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { RequestBody } from '../../src/proxy/request-body.ts';
import { send } from '../fixtures/client.ts';

t.test('a body that was held back before it was ever sent is sent whole', async (t) => {
  const server = createServer((request, response) => {
    let sent = '';
    const target = {
      write(chunk: Buffer | string): boolean {
        sent += chunk.toString('latin1');
        return true;
      },
      cork() {},
      uncork() {},
    };
    const body = new RequestBody(request, 'length', {
      bodyMoved() {},
      bodySent: () => void response.end(sent),
      failed: (error) => void response.end(String(error)),
    });
    // Its connection was lost before anything could be written to it; now there is another one.
    body.pause();
    body.send(target, false);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.equal((await send(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'once' })).text(), 'once');
});
