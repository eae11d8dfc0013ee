import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair, startRawPair } from '../../fixtures/pair.ts';
import type { Handler } from '../../fixtures/upstreams.ts';

// Many a program answers as soon as it knows what to do, and then takes the body.

/** Accepts at once, and reads on. */
const accepting: Handler = (request, response) => {
  request.resume();
  response.writeHead(202, { 'Content-Length': '8' }).end('accepted');
};

const post = (fields: string, body = '') => `POST /iot HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n${body}`;
const next = 'GET /iot/next HTTP/1.1\r\nHost: localhost\r\n\r\n';

for (const [fields, start, rest] of [
  ['Content-Length: 9', 'begin', 'rest'],
  ['Transfer-Encoding: chunked', '5\r\nbegin\r\n', '4\r\nrest\r\n0\r\nX-Sum: 1\r\n\r\n'],
] as const) {
  t.test(`D24 what is left of a body goes on behind a whole response that takes it (${fields})`, async (t) => {
    const { up, proxy, logged } = await startPair(t, { handler: accepting });
    const wire = await rawRequest(t, proxy.port, post(fields, start));
    t.match(await wire.head(), /^HTTP\/1\.1 202 /);
    t.equal((await wire.until(8)).toString(), 'accepted', 'the response does not wait for it');
    const record = up.requests.at(0);
    t.notOk(record.complete);
    await wire.write(rest + next);
    t.match(await wire.head(), /^HTTP\/1\.1 202 /, 'and the client’s connection goes on');
    t.match(record, { complete: true, bytes: 9 });
    t.equal(record.body.toString(), 'beginrest');
    t.same(record.rawTrailers, fields.startsWith('Transfer') ? ['X-Sum', '1'] : []);
    t.equal(up.connections.length, 1, 'as the upstream’s does');
    t.match(await logged(), { status: 202, bytesIn: 9, bytesOut: 8 });
    t.notOk('aborted' in (await logged()));
  });
}

t.test('D24 nothing of a large body is lost behind one', async (t) => {
  const { up, proxy } = await startPair(t, { handler: accepting });
  const size = 20_000_000;
  const wire = await rawRequest(t, proxy.port, post(`Connection: close\r\nContent-Length: ${size}`));
  await wire.write(Buffer.alloc(size));
  t.equal(await wire.ended, 'end');
  t.match(wire.text(), /^HTTP\/1\.1 202 .*accepted$/s);
  const record = up.requests.at(0);
  await record.finished;
  t.match(record, { complete: true, bytes: size });
});

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\naccepted\r\n0\r\n\r\n';

t.test('D24 a client that sends no more before it has the end of the response gets it', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write(chunked);
  });
  const wire = await rawRequest(t, proxy.port, post('Content-Length: 9', 'begin'));
  await wire.until('8\r\naccepted\r\n0\r\n\r\n');
  await up.connections.at(0).ended;
  t.match(await logged(), { status: 200, bytesIn: 5, bytesOut: 8 });
});

for (const how of ['end', 'reset'] as const) {
  t.test(`D24 an upstream that goes behind its response (${how}) costs the client nothing`, async (t) => {
    const { up, proxy, logged } = await startRawPair(t, async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\naccepted');
    });
    const wire = await rawRequest(t, proxy.port, post('Content-Length: 9', 'begin'));
    await wire.until('accepted');
    up.connections.at(0)[how]();
    const line = await logged();
    t.match(line, { status: 200, bytesOut: 8 });
    t.notOk('cause' in line);
    await wire.write(`rest${next}`);
    await wire.until('accepted');
    t.equal(up.connections.length, 2);
  });
}

t.test('D24 D15 a client that leaves then has its request cut', async (t) => {
  const { up, proxy, logged } = await startPair(t, { handler: accepting });
  const wire = await rawRequest(t, proxy.port, post('Content-Length: 9', 'begin'));
  await wire.until('accepted');
  wire.reset();
  await up.connections.at(0).closed;
  t.notOk(up.requests.at(0).complete);
  const line = await logged();
  t.match(line, { status: 202, bytesIn: 5, bytesOut: 8 });
  t.notOk('aborted' in line, 'it had all of the response');
});

t.test('D24 D15 one that has not been told the end of the response is told of as one that left', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write(chunked);
  });
  const wire = await rawRequest(t, proxy.port, post('Content-Length: 9', 'begin'));
  await wire.until('accepted');
  wire.reset();
  t.match(await logged(), { status: 200, aborted: true });
  await up.connections.at(0).ended;
});

t.test('D24 D22 bytes behind the response are nobody’s, and end it', async (t) => {
  const { up, proxy } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\naccepted');
    await connection.until('begin');
    await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
  });
  const wire = await rawRequest(t, proxy.port, post('Content-Length: 9', 'begin'));
  await wire.until('accepted');
  await up.connections.at(0).ended;
  up.script = async (connection) => {
    await connection.head();
    await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood');
  };
  await wire.write(`rest${next}`);
  t.match((await wire.until(/good|poison/)).toString(), /good$/);
});

t.test('a body that gets too long behind a whole response takes nothing of it back', async (t) => {
  const { up, proxy, logged } = await startPair(t, { route: { limits: { body: '8B' } }, handler: accepting });
  const wire = await rawRequest(t, proxy.port, post('Transfer-Encoding: chunked', '5\r\nbegin\r\n'));
  await wire.until('accepted');
  await wire.write('4\r\nrest\r\n0\r\n\r\n');
  await up.connections.at(0).closed;
  t.notOk(up.requests.at(0).complete);
  t.match(await logged(), { status: 202, cause: 'bad-request' });
  await wire.write(next);
  t.match(await wire.head(), /^HTTP\/1\.1 202 /);
});
