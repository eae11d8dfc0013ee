import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { type CheckedHead, sendWhole, stay } from '../../src/proxy/whole-response.ts';
import { rawRequest } from '../fixtures/client.ts';
import { Journal } from '../fixtures/journal.ts';
import type { Scope } from '../fixtures/teardown.ts';

async function serve(t: Scope, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  // A request without a body is whole at the end of the turn in which it came.
  const later = (request: IncomingMessage, response: ServerResponse) => setImmediate(answer, request, response);
  const server = createServer({ keepAliveTimeout: stay }, later).on('checkContinue', later).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const date = ['Date', 'Tue, 24 Nov 2026 00:00:00 GMT'];
const length = (body: string): string[] => ['Content-Length', String(body.length)];
const request = (method = 'GET', version = '1.1', more = ''): string =>
  `${method} / HTTP/${version}\r\nHost: localhost\r\n${more}\r\n`;

interface Case {
  readonly head: CheckedHead;
  readonly body: string;
  readonly method?: string;
}

const head = (status: number, reason: string, fields: string[]): CheckedHead => ({ status, reason, fields });

const whole: readonly Case[] = [
  {
    head: head(200, 'OK', [...date, ...length('{"a":1}'), 'X-A', '1', 'x-a', '2', 'X-Latin', '\xe9']),
    body: '{"a":1}',
  },
  { head: head(599, 'Of Its \xd6wn', ['content-length', '0', 'date', 'whenever']), body: '' },
  { head: head(404, '', [...length('\xff\x00\x80'), ...date]), body: '\xff\x00\x80' },
  { head: head(200, 'OK', [...date, 'Content-Length', '1000']), body: '', method: 'HEAD' },
  { head: head(204, 'No Content', date), body: '' },
  { head: head(304, 'Not Modified', [...date, 'ETag', '"x"']), body: '' },
];

t.test('what is sent whole is byte for byte what Node would send in parts', async (t) => {
  for (const { head, body, method } of whole) {
    const port = await serve(t, ({ url }, response) => {
      if (url === '/') {
        t.ok(sendWhole(response, head, body, () => undefined));
        return;
      }
      response.writeHead(head.status, head.reason, [...head.fields]);
      response.end(body, 'latin1');
    });
    const one = await rawRequest(t, port, request(method));
    const other = await rawRequest(t, port, request(method).replace(' / ', ' /parts '));
    await Promise.all([one, other].map((wire) => wire.until(`\r\n\r\n${body}`)));
    t.equal(one.text(), other.text());
  }
});

t.test('one that has no Date gets one, as by Node', async (t) => {
  const port = await serve(t, (_request, response) => {
    t.ok(sendWhole(response, head(200, 'OK', length('a')), 'a', () => undefined));
  });
  const wire = await rawRequest(t, port, request());
  const [, date] =
    /^HTTP\/1\.1 200 OK\r\nContent-Length: 1\r\nDate: (.+ GMT)\r\nConnection: /.exec(await wire.head()) ?? [];
  t.equal(new Date(date as string).toUTCString(), date);
  t.ok(Math.abs(Date.now() - Date.parse(date as string)) < 60_000);
});

t.test('for the server it is a response like any other', async (t) => {
  const events = new Journal<string>('event');
  let count = 0;
  const port = await serve(t, (_request, response) => {
    count += 1;
    const number = count;
    for (const event of ['finish', 'close']) response.on(event, () => events.push(`${event} ${number}`));
    const body = String(number);
    t.ok(sendWhole(response, head(200, 'OK', [...date, ...length(body)]), body, () => events.push(`sent ${number}`)));
    t.ok(response.writableEnded);
    t.equal(response.statusCode, 200);
  });
  const wire = await rawRequest(t, port, request());
  for (const number of ['1', '2', '3']) {
    await wire.until(`\r\n\r\n${number}`);
    if (number !== '3') wire.socket.write(request());
  }
  const all = await events.reach(9);
  t.same(
    all.filter((event) => event.endsWith('1')),
    ['sent 1', 'finish 1', 'close 1'],
  );
  t.equal(wire.text().match(/HTTP\/1\.1 200/g)?.length, 3);
  wire.socket.end();
  t.equal(await wire.ended, 'end');
});

t.test('a client that is gone by then has not had it', async (t) => {
  let told = false;
  const closed = new Journal<ServerResponse>('response');
  const port = await serve(t, (request, response) => {
    response.on('close', () => closed.push(response));
    request.socket.destroy();
    sendWhole(response, head(200, 'OK', [...date, ...length('a')]), 'a', () => (told = true));
  });
  const wire = await rawRequest(t, port, request());
  await wire.ended;
  await closed.first();
  t.notOk(told);
});

t.test('nothing is sent where Node has more to say', async (t) => {
  const fields = [...date, ...length('a')];
  const cases: readonly (readonly [string, string[]])[] = [
    [request('GET', '1.0', 'Connection: keep-alive\r\n'), fields],
    [request('GET', '1.1', 'Connection: close\r\n'), fields],
    [request(), date],
    [request(), [...fields, 'Connection', 'close']],
    [request(), [...fields, 'Transfer-Encoding', 'chunked']],
    [request(), [...fields, 'Trailer', 'X-A']],
    [request('POST', '1.1', 'Content-Length: 2\r\n'), fields],
    [request('POST', '1.1', 'Content-Length: 2\r\nExpect: 100-continue\r\n'), fields],
    [`${request('POST', '1.1', 'Content-Length: 2\r\nExpect: 100-continue\r\n')}ab`, fields],
  ];
  for (const [bytes, given] of cases) {
    const port = await serve(t, (_request, response) => {
      t.notOk(
        sendWhole(response, head(200, 'OK', given), 'a', () => undefined),
        given.join(),
      );
      response.end('by Node');
    });
    await (await rawRequest(t, port, bytes)).until('by Node');
  }
});
