import type { ServerResponse } from 'node:http';
import t from 'tap';
import { open, rawRequest } from '../../fixtures/client.ts';
import { startPair, startRawPair } from '../../fixtures/pair.ts';

t.test('D25 server-sent events arrive as they are sent', async (t) => {
  let stream!: ServerResponse;
  const { url } = await startPair(t, {
    handler: (_request, response) => {
      stream = response;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
    },
  });
  const { response, request } = open(url, { headers: { Accept: 'text/event-stream' } });
  const answer = await response;
  t.pass('the head came before any event');
  const events = answer[Symbol.asyncIterator]();
  for (const event of ['data: 1\n\n', 'data: 2\n\n', ': a comment\n\n']) {
    stream.write(event);
    t.equal(String((await events.next()).value), event, 'before the next one is sent');
  }
  request.destroy();
});

t.test('D25 a head comes at once, even where the body comes after it in the same connection', async (t) => {
  const { up, url } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
  });
  const { response } = open(url);
  const answer = await response;
  t.equal(answer.headers['content-length'], '5');
  await up.connections.at(0).write('hello');
  let text = '';
  for await (const chunk of answer) text += chunk;
  t.equal(text, 'hello');
});

t.test('D25 D20 to a client of HTTP/1.0 too, behind hints that it does not get', async (t) => {
  const { up, proxy } = await startRawPair(t, async (connection) => {
    await connection.head();
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n';
    await connection.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${head}`);
  });
  const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.0\r\n\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 200 OK\r\n(?!.*chunked)/s);
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    await up.connections.at(0).write(`9\r\n${event}\r\n`);
    t.equal((await wire.until(9)).toString(), event);
  }
});

t.test('D25 a stream without a length ends with the connection', async (t) => {
  const { up, url } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n');
  });
  const answer = await open(url).response;
  const events = answer[Symbol.asyncIterator]();
  t.equal(String((await events.next()).value), 'data: 1\n\n');
  up.connections.at(0).end();
  t.ok((await events.next()).done);
});
