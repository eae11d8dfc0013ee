import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import t from 'tap';
import { open, send } from '../../fixtures/client.ts';
import { pki, startPair } from '../../fixtures/pair.ts';
import { replaceFiles, swap } from '../../fixtures/reload.ts';

const second = await pki.ca.issue({ name: 'second', usage: 'client' });
const rotated = { 'client.crt': second.chain, 'client.key': second.key };

t.test('C1 a new certificate and key: new connections use them, idle ones go, running requests finish', async (t) => {
  let answer!: ServerResponse;
  const { up, url, proxy } = await startPair(t, {
    handler: (request, response, { connection }) => {
      if (request.url === '/slow') {
        answer = response;
        response.write('begin');
      } else response.end(`${connection.client} ${connection.resumed}`);
    },
  });
  const running = await open(`${url}/slow`).response;
  await once(running, 'readable');
  t.equal((await send(`${url}/a`)).text(), 'client true');
  const [busy, idle] = up.connections.all();
  const line = await swap(proxy, () => replaceFiles(proxy.directory, rotated));
  t.match(line, { level: 30, generation: 2, changed: ['route iot'], problems: [] });
  await idle?.closed;
  t.equal((await send(`${url}/b`)).text(), 'second false', 'with no session of the old identity');
  answer.end('-end');
  let text = '';
  for await (const chunk of running) text += chunk;
  t.equal(text, 'begin-end');
  await busy?.closed;
  t.equal((await send(`${url}/c`)).text(), 'second false');
  t.equal(up.connections.length, 3, 'whose connection is used again');
});
