import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { answering, type Problem, startRawPair } from '../../fixtures/pair.ts';

const cases: readonly (readonly [string, string])[] = [
  ['a length and chunked', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n'],
  ['chunked and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n4\r\nevil\r\n0\r\n\r\n'],
  ['two lengths', 'Content-Length: 4\r\nContent-Length: 2\r\n\r\nevil'],
  ['two equal lengths', 'Content-Length: 4\r\nContent-Length: 4\r\n\r\nevil'],
  ['a list of lengths', 'Content-Length: 4, 4\r\n\r\nevil'],
  ['an unknown coding', 'Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n'],
  ['a coding that is not the last', 'Transfer-Encoding: chunked, gzip\r\n\r\nevil'],
  ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n'],
  ['a negative length', 'Content-Length: -4\r\n\r\nevil'],
  ['a signed length', 'Content-Length: +4\r\n\r\nevil'],
  ['a hexadecimal length', 'Content-Length: 0x4\r\n\r\nevil'],
  ['a huge length', 'Content-Length: 99999999999999999999\r\n\r\nevil'],
  ['an empty length', 'Content-Length:\r\n\r\nevil'],
  ['white space before the colon', 'Content-Length : 4\r\n\r\nevil'],
  ['a folded field', 'X-A: b\r\n Content-Length: 4\r\n\r\nevil'],
  ['a bare LF', 'X-A: b\nContent-Length: 4\r\n\r\nevil'],
  ['a NUL', 'X-A: b\0c\r\nContent-Length: 4\r\n\r\nevil'],
];

t.test('D6 D23/O ambiguous framing of a response is 502, and the connection is given up', async (t) => {
  const { up, url } = await startRawPair(t, answering(''));
  for (const [what, rest] of cases) {
    await t.test(`D6 ${what}`, async (t) => {
      up.script = answering(`HTTP/1.1 200 OK\r\n${rest}`);
      const before = up.connections.length;
      const reply = await send(url);
      t.equal(reply.status, 502);
      t.match(reply.json<Problem>(), { cause: 'bad-response', detail: /is not valid HTTP\/1\.1/ });
      t.match(reply.headers['proxy-status'], /^mtls-proxy; error=http_protocol_error; details="/);
      t.notMatch(reply.text(), 'evil');
      t.equal(up.connections.length, before + 1);
      await up.connections.at(-1).ended;
    });
  }
});

t.test('D6 what is no HTTP at all', async (t) => {
  const { up, url } = await startRawPair(t, answering(''));
  for (const bytes of ['SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/2.0 200 OK\r\n\r\n', 'HTTP/1.1 20 OK\r\n\r\n', 'evil']) {
    up.script = answering(bytes);
    t.match((await send(url)).json<Problem>(), { status: 502, cause: 'bad-response' }, JSON.stringify(bytes));
    await up.connections.at(-1).ended;
  }
});

t.test('D6 a broken chunk in the body cuts the response', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n';
  const { up, url, logged } = await startRawPair(t, answering(`${head}-1\r\nevil\r\n0\r\n\r\n`));
  await t.rejects(send(url));
  await up.connections.at(0).ended;
  t.match(await logged(), { status: 200, cause: 'bad-response' });
});

t.test('D6 a broken chunk that comes with the head is 502: nothing has been passed on by then', async (t) => {
  const { url, logged } = await startRawPair(
    t,
    answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nevil'),
  );
  t.match((await send(url)).json<Problem>(), { status: 502, cause: 'bad-response' });
  t.match(await logged(), { status: 502, cause: 'bad-response' });
});

t.test('D6 101 that nobody asked for', async (t) => {
  const { url } = await startRawPair(
    t,
    answering('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
  );
  t.match((await send(url)).json<Problem>(), { status: 502, cause: 'bad-response' });
});
