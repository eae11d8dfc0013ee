import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { answering, type Problem, startPair, startRawPair } from '../../fixtures/pair.ts';

const get = 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine';
const hints =
  'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nlINK: </b.js>\r\nX-Odd: 1\r\nLink: </a.css>; rel=preload\r\n\r\n';

t.test('D5 D23/I 1xx responses arrive before the final one, in order, with their fields as they were', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write(`HTTP/1.1 102 Processing\r\n\r\n${hints}`);
    await seen;
    await connection.write(`${hints.replace('X-Odd', 'Connection: X-Odd\r\nKeep-Alive: timeout=1\r\nX-Odd')}${ok}`);
    await connection.head();
    await connection.write(ok);
  });
  let tell = (): void => undefined;
  const seen = new Promise<void>((resolve) => (tell = resolve));
  const wire = await rawRequest(t, proxy.port, get);
  const first = await wire.head();
  const via = /Via: 1\.1 mtls-proxy-[0-9a-f]+\r\n/.exec(first)?.[0] ?? 'Via';
  t.equal(first, `HTTP/1.1 102 Processing\r\n${via}\r\n`);
  const expected = hints.replace(/\r\n\r\n$/, `\r\n${via}\r\n`);
  t.equal(await wire.head(), expected, 'at once');
  tell();
  t.equal(await wire.head(), expected.replace('X-Odd: 1\r\n', ''), 'without what was for one hop only');
  t.match(await wire.head(), /^HTTP\/1\.1 200 OK\r\n/);
  await wire.until('fine');
  await wire.write(get);
  await wire.until('fine');
  t.equal(up.connections.length, 1);
  t.match(await logged(), { status: 200, bytesOut: 4 });
});

t.test("D5 Node's own early hints reach Node's own client", async (t) => {
  const { url } = await startPair(t, {
    handler: (_request, response) => {
      response.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.js>; rel=preload'] });
      response.end('fine');
    },
  });
  const reply = await send(url);
  t.match(reply, { status: 200, interim: [{ status: 103 }] });
  t.match(reply.interim[0]?.rawHeaders, ['Link', '</a.css>; rel=preload, </b.js>; rel=preload']);
  t.equal(reply.text(), 'fine');
});

t.test('D5 not to clients of HTTP/1.0, and no 100 to those who did not ask for one', async (t) => {
  const { proxy } = await startRawPair(t, answering(`HTTP/1.1 100 Continue\r\n\r\n${hints}${ok}`));
  const old = await rawRequest(t, proxy.port, get.replace('HTTP/1.1', 'HTTP/1.0'));
  await old.ended;
  t.match(old.text(), /^HTTP\/1\.1 200 OK\r\n/);
  t.notMatch(old.text(), / 10[03] /);
  const wire = await rawRequest(t, proxy.port, get);
  t.match(await wire.head(), /^HTTP\/1\.1 103 /);
});

t.test('D5 pipelined: they come when it is their request’s turn', async (t) => {
  const { proxy } = await startRawPair(t, answering(`${hints}${ok}`));
  const wire = await rawRequest(t, proxy.port, get + get);
  for (const status of [103, 200, 103, 200]) t.match(await wire.head(), new RegExp(`^(?:fine)?HTTP/1\\.1 ${status} `));
});

for (const [what, response] of [
  ['too many of them', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(17)],
  ['one that is too long', `HTTP/1.1 103 Early Hints\r\nLink: ${'x'.repeat(70_000)}\r\n\r\n`],
  ['a 101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
] as const) {
  t.test(`D5 ${what} is bad-response`, async (t) => {
    const { url, up } = await startRawPair(t, answering(`${response}${ok}`));
    const reply = await send(url);
    t.equal(reply.status, 502);
    t.match(reply.json<Problem>(), { cause: 'bad-response' });
    t.ok(reply.interim.length <= 16);
    await up.connections.at(0).ended;
  });
}

t.test('D5 an upstream that says it is at work is not taken for silent', async (t) => {
  const { url } = await startRawPair(
    t,
    async (connection) => {
      await connection.head();
      for (let n = 0; n < 6; n += 1) {
        await connection.write('HTTP/1.1 102 Processing\r\n\r\n');
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      await connection.write(ok);
    },
    { route: { timeouts: { response: '2s' } } },
  );
  const reply = await send(url);
  t.equal(reply.text(), 'fine');
  t.equal(reply.interim.length, 6);
});

t.test('D5 one that is at work for long may say so more often', async (t) => {
  const { url } = await startRawPair(t, async (connection) => {
    await connection.head();
    const progress = 'HTTP/1.1 102 Processing\r\n\r\n';
    await connection.write(progress.repeat(16));
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await connection.write(progress.repeat(2) + ok);
  });
  const reply = await send(url);
  t.equal(reply.text(), 'fine');
  t.equal(reply.interim.length, 18);
});

t.test('what a rule takes away or sets is in no 1xx either', async (t) => {
  const { proxy } = await startRawPair(t, answering(`${hints}${ok}`), {
    route: { headers: { response: { remove: ['link'], set: { 'X-Odd': 'mine' } } } },
  });
  const wire = await rawRequest(t, proxy.port, get);
  t.match(await wire.head(), /^HTTP\/1\.1 103 Early Hints\r\nVia: [^\r]+\r\n\r\n$/);
  t.match(await wire.head(), /^HTTP\/1\.1 200 OK\r\n.*X-Odd: mine\r\n/s);
});
