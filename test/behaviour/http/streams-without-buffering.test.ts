import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage } from 'node:http';
import t from 'tap';
import { open, send } from '../../fixtures/client.ts';
import { type Pair, startPair } from '../../fixtures/pair.ts';
import { measured, peak } from '../../fixtures/vitals.ts';

const size = 64 * 1024 * 1024;
/** Less than half of what a proxy that buffers one body would grow by. */
const bound = 28 * 1024 * 1024;
const body = Buffer.alloc(size, 'local-mtls-proxy\n');
const sha256 = createHash('sha256').update(body).digest('hex');

/** Gives the proxy work of another kind: whoever were to read on while one side stands still has the time to. */
async function keepBusy({ url }: Pair<unknown>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let n = 0; n < 150; n += 1) await send(`${url}/small`, { agent });
  agent.destroy();
}

async function digest(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

t.test('D12 64 MB to a client that reads late', async (t) => {
  let sent = false;
  const pair = await startPair(t, {
    env: measured,
    handler: (request, response) => {
      if (request.url !== '/large') return response.end('small');
      response.setHeader('Content-Length', size);
      return response.end(body, () => {
        sent = true;
      });
    },
  });
  // What every transfer costs (buffers before they are collected, the code itself) is there after a fast one.
  t.equal(await digest(await open(`${pair.url}/large`).response), sha256);
  const before = await peak(pair.proxy.pid);
  sent = false;
  const response = await open(`${pair.url}/large`).response;
  response.pause();
  await keepBusy(pair);
  t.notOk(sent, 'the upstream is held back while the client does not read');
  t.equal(await digest(response), sha256);
  const grown = (await peak(pair.proxy.pid)) - before;
  t.ok(grown < bound, `flat memory: ${Math.round(grown / 2 ** 20)} MiB more`);
});

t.test('D12 64 MB to an upstream that reads late', async (t) => {
  let release = (): void => undefined;
  const pair = await startPair(t, {
    env: measured,
    handler: async (request, response) => {
      if (request.url === '/late') {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      response.end(await digest(request));
    },
  });
  const headers = ['Transfer-Encoding', 'chunked'];
  const sent = await send(`${pair.url}/soon`, { method: 'PUT', headers, body });
  t.equal(sent.text(), sha256);
  const before = await peak(pair.proxy.pid);
  const { request, response } = open(`${pair.url}/late`, { method: 'PUT', headers, body });
  await pair.up.requests.first(({ target }) => target === '/late');
  let finished = false;
  request.once('finish', () => {
    finished = true;
  });
  await keepBusy(pair);
  t.notOk(finished, 'the client is held back while the upstream does not read');
  release();
  const answer = (await response) as IncomingMessage;
  const [text] = (await once(answer.setEncoding('utf8'), 'data')) as [string];
  t.equal(text, sha256);
  const grown = (await peak(pair.proxy.pid)) - before;
  t.ok(grown < bound, `flat memory: ${Math.round(grown / 2 ** 20)} MiB more`);
});

t.test('D12 64 MB each way at once, to a client that reads late what it has sent', async (t) => {
  const pair = await startPair(t, { handler: (request, response) => void request.pipe(response) });
  const headers = ['Transfer-Encoding', 'chunked'];
  const echo = () => open(`${pair.url}/echo`, { method: 'POST', headers, body });
  for (let n = 0; n < 2; n += 1) t.equal(await digest(await echo().response), sha256);
  const before = await peak(pair.proxy.pid);
  const { request, response } = echo();
  let finished = false;
  request.once('finish', () => {
    finished = true;
  });
  const answer = await response;
  answer.pause();
  pair.up.handler = (_request, quick) => quick.end('small');
  await keepBusy(pair);
  t.notOk(finished, 'the client is held back by itself');
  t.equal(await digest(answer), sha256);
  t.ok((await peak(pair.proxy.pid)) - before < 2 * bound, 'flat memory for two bodies');
});
