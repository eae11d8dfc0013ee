import { Agent } from 'node:http';
import t from 'tap';
import { open, rawRequest, send } from '../../fixtures/client.ts';
import { answering, type Problem, startPair, startRawPair } from '../../fixtures/pair.ts';

const fields = 'Host: localhost\r\nExpect: 100-continue\r\n';
const post = `POST /iot HTTP/1.1\r\nContent-Length: 5\r\n${fields}\r\n`;
const next = 'GET /iot/next HTTP/1.1\r\nHost: localhost\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine';

t.test('D4 D23/H the upstream is asked, and its 100 passed on, before any of the body is taken', async (t) => {
  const { up, proxy, url, logged } = await startRawPair(t, async (connection) => {
    const head = await connection.head();
    if (head.startsWith('GET /other')) return connection.write(ok);
    t.match(head, /^POST \/ HTTP\/1\.1\r\nContent-Length: 5\r\nHost: .*\r\nExpect: 100-continue\r\n/, 'in its place');
    // The client does not wait; its body is there by now, the proxy has done other things since, and it must not be here.
    await sent;
    await send(`${url}/other`);
    t.equal(connection.unread().length, 0);
    await connection.write('HTTP/1.1 100 Go\xa0on\r\nX-Why: because\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n');
    t.equal((await connection.until(5)).toString(), 'hello');
    await connection.write(ok);
  });
  const wire = await rawRequest(t, proxy.port, post);
  const sent = wire.write('hello');
  t.match(await wire.head(), /^HTTP\/1\.1 100 Go\xa0on\r\nX-Why: because\r\nVia: 1\.1 mtls-proxy-[0-9a-f]+\r\n\r\n$/);
  t.notMatch(await wire.head(), /\r\nConnection: close/i);
  await wire.until('fine');
  t.equal(up.connections.length, 2);
  t.match(await logged(1), { method: 'POST', status: 200, bytesIn: 5, bytesOut: 4 });
});

t.test('D4 a chunked body likewise, and both connections go on', async (t) => {
  const { up, url } = await startPair(t);
  const headers = { Expect: '100-Continue', 'Transfer-Encoding': 'chunked' };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const reply = await send(url, { agent, method: 'PUT', headers, body: 'hello' });
  t.equal(reply.status, 200);
  t.match(reply.interim, [{ status: 100 }]);
  t.match(up.requests.at(0), { bytes: 5, complete: true });
  t.same(up.requests.at(0).values('expect'), ['100-Continue']);
  const again = open(url, { agent });
  t.equal((await again.response).statusCode, 200);
  t.ok(again.request.reusedSocket);
  t.equal(up.connections.length, 1);
});

for (const status of [417, 401, 200]) {
  t.test(`D4 a ${status} in the place of 100 is the answer: no body is sent, and both connections close`, async (t) => {
    const { up, proxy, logged } = await startRawPair(
      t,
      answering(`HTTP/1.1 ${status} Whatever\r\nContent-Length: 2\r\n\r\nno`),
    );
    const wire = await rawRequest(t, proxy.port, post);
    t.match(await wire.head(), new RegExp(`^HTTP/1\\.1 ${status} Whatever\r\n(?:.+\r\n)*Connection: close\r\n`, 'i'));
    t.equal((await wire.until(2)).toString(), 'no');
    t.equal(await wire.ended, 'end', 'nobody can tell whether the body still comes');
    await up.connections.at(0).ended;
    t.match(up.connections.at(0).text(), /\r\n\r\n$/, 'nor could the upstream');
    t.match(await logged(), { status, bytesIn: 0, bytesOut: 2 });
  });
}

t.test('D4 a body behind a final answer is no request', async (t) => {
  const { up, proxy } = await startRawPair(t, answering('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno'));
  const smuggled = post.replace('Content-Length: 5', `Content-Length: ${next.length}`) + next;
  const wire = await rawRequest(t, proxy.port, smuggled);
  await wire.until('\r\n\r\nno');
  await wire.ended;
  t.notMatch(wire.text(), /HTTP\/1\.1 .*HTTP\/1\.1 /s);
  t.equal(up.connections.length, 1);
  t.notMatch(up.connections.at(0).text(), 'next');
});

t.test(
  'D4 an upstream that says nothing gets the body after a second; its 100, if it comes late, is left out',
  async (t) => {
    const { proxy, logged } = await startRawPair(t, async (connection) => {
      await connection.head();
      t.equal((await connection.until(5)).toString(), 'hello');
      await connection.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`);
    });
    const wire = await rawRequest(t, proxy.port, post);
    t.equal(await wire.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
    await wire.write('hello');
    t.match(await wire.head(), /^HTTP\/1\.1 200 OK\r\n/);
    t.ok(((await logged()).ms ?? 0) >= 990);
  },
);

t.test('D4 another expectation is 417', async (t) => {
  const { up, proxy, url } = await startPair(t);
  for (const value of ['more', '100-continue, more', '100-continue=2']) {
    const reply = await send(url, { headers: ['Expect', value], method: 'POST', body: 'hello' });
    t.equal(reply.status, 417, value);
    t.match(reply.json<Problem>(), { cause: 'bad-request', status: 417, detail: /Expect/ });
  }
  const wire = await rawRequest(t, proxy.port, `${post.replace('100-continue', 'more')}hello${next}`);
  t.match(await wire.head(), /^HTTP\/1\.1 417 /);
  t.match(await wire.until('"target":"/next"'), /HTTP\/1\.1 200 /, 'its body was read, and the connection goes on');
  t.equal(up.requests.length, 1);
});

t.test('D4 without a body there is nothing to wait for; in HTTP/1.0 it means nothing', async (t) => {
  const { up, proxy } = await startPair(t);
  const wire = await rawRequest(t, proxy.port, `GET /iot HTTP/1.1\r\n${fields}\r\n${next}`);
  await wire.until('"target":"/next"');
  t.notMatch(wire.text(), ' 100 ');
  const old = await rawRequest(t, proxy.port, `${post.replace('HTTP/1.1', 'HTTP/1.0')}hello`);
  t.match(await old.head(), /^HTTP\/1\.1 200 /);
  t.same(up.requests.at(2).values('expect'), []);
  t.equal(up.requests.at(2).bytes, 5);
});

t.test('D4 a stale connection: what may be replayed is asked for once more, and the client told once', async (t) => {
  const { up, url, logged } = await startRawPair(t, async (connection) => {
    const head = await connection.head();
    if (head.startsWith('GET')) {
      await connection.write(ok);
      await connection.head();
      connection.reset();
      return;
    }
    await connection.write('HTTP/1.1 100 Continue\r\n\r\n');
    await connection.until(5);
    await connection.write(ok);
  });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  await send(url, { agent });
  const reply = await send(url, { agent, method: 'PUT', headers: { Expect: '100-continue' }, body: 'hello' });
  t.equal(reply.status, 200);
  t.match(reply.interim, [{ status: 100 }]);
  t.equal(reply.interim.length, 1);
  t.match(await logged(1), { replayed: true, reused: false, bytesIn: 5 });
  t.equal(up.connections.length, 2);

  const { url: other, up: fresh } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write(ok);
    await connection.head();
    connection.reset();
  });
  await send(other);
  const { response } = open(other, { method: 'POST', headers: { Expect: '100-continue' }, body: 'hello' });
  t.equal((await response).statusCode, 502, 'a POST is not, though none of its body was read');
  t.equal(fresh.connections.length, 1);
});
