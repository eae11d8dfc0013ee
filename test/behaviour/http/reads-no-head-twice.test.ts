import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { answering, startRawPair } from '../../fixtures/pair.ts';

const get = (rest = '', host = 'localhost', method = 'GET') =>
  `${method} /iot/a HTTP/1.1\r\nHost: ${host}\r\n${rest}\r\n`;
const date = 'Date: Thu, 26 Nov 2026 10:00:00 GMT\r\n';
const answer = (fields: string, body: string) =>
  `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;

t.test('each of many answers with the same head has its own body', async (t) => {
  const bodies = ['one', 'two', 'six', 'ten'];
  const { proxy } = await startRawPair(t, answering(...bodies.map((body) => answer(date, body))));
  const wire = await rawRequest(t, proxy.port, '');
  for (const body of bodies) {
    await wire.write(get());
    const head = (await wire.until('\r\n\r\n')).toString();
    t.match(
      head,
      new RegExp(
        `^HTTP/1\\.1 200 OK\r\n${date}Content-Length: 3\r\nVia: 1\\.1 mtls-proxy-\\w+\r\nConnection: keep-alive\r\n`,
      ),
    );
    t.equal((await wire.until(3)).toString(), body);
  }
});

t.test('what a request has a say in is not that of the one before', async (t) => {
  const answers: string[] = [];
  const { up, proxy } = await startRawPair(t, async (connection) => {
    for (;;) {
      await connection.head();
      await connection.write(answers[0] ?? '');
    }
  });
  for (const [field, value] of [
    ['Location', `${up.url}/b`],
    ['Content-Location', `${up.url}/b`],
    ['Refresh', `1; url=${up.url}/b`],
  ] as const) {
    answers[0] = answer(`${date}${field}: ${value}\r\n`, '');
    for (const host of ['localhost', '127.0.0.1', 'localhost', '127.0.0.1']) {
      const authority = `${host}:${proxy.port}`;
      const wire = await rawRequest(t, proxy.port, get('Connection: close\r\n', authority));
      await wire.ended;
      t.match(wire.text(), `http://${authority}/iot/b`, `${field} for ${host}`);
      const kept = await rawRequest(t, proxy.port, get('', authority));
      t.match((await kept.until('\r\n\r\n')).toString(), `http://${authority}/iot/b`, `${field} for ${host}`);
    }
  }
});

t.test('who asks in another way is answered in another way', async (t) => {
  const { proxy } = await startRawPair(t, async (connection) => {
    for (;;) {
      const head = await connection.head();
      const whole = answer(date, 'body');
      await connection.write(head.startsWith('HEAD') ? whole.slice(0, -4) : whole);
    }
  });
  for (let round = 0; round < 3; round += 1) {
    const wire = await rawRequest(t, proxy.port, get());
    t.match((await wire.until('body')).toString(), /\r\nConnection: keep-alive\r\n/);
    await wire.write(get('', 'localhost', 'HEAD'));
    t.match((await wire.until('\r\n\r\n')).toString(), /\r\nContent-Length: 4\r\n/);
    await wire.write(get('Connection: close\r\n'));
    await wire.ended;
    t.match(wire.text(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nConnection: close\r\n\r\nbody$/);
    const old = await rawRequest(t, proxy.port, get().replace('HTTP/1.1', 'HTTP/1.0'));
    await old.ended;
    t.match(old.text(), /\r\nConnection: close\r\n\r\nbody$/);
  }
});

t.test('an answer without a Date gets that of its own time', async (t) => {
  const { proxy } = await startRawPair(t, answering(answer('', 'a')));
  const wire = await rawRequest(t, proxy.port, '');
  const dates = new Set<string>();
  // A Date is of a second: two of them are seen soon.
  while (dates.size < 2) {
    await wire.write(get());
    const head = (await wire.until('\r\n\r\n')).toString();
    dates.add(/\r\nDate: ([^\r]+)\r\n/.exec(head)?.[1] ?? 'none');
    await wire.until(1);
  }
  t.notOk(dates.has('none'));
  t.equal(dates.size, 2);
});
