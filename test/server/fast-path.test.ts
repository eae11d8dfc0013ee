import { once } from 'node:events';
import { IncomingMessage, type ServerResponse } from 'node:http';
import t from 'tap';
import type { BodySource, ClientRequest, ClientResponse } from '../../src/proxy/client-message.ts';
import { type CheckedHead, sendWhole } from '../../src/proxy/whole-response.ts';
import { Clients } from '../../src/server/clients.ts';
import { HttpServer, type ServerLimits } from '../../src/server/http-server.ts';
import { rawRequest } from '../fixtures/client.ts';
import { Journal } from '../fixtures/journal.ts';
import type { Scope } from '../fixtures/teardown.ts';

interface Asked {
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  /** Whether Node's parser read it. */
  readonly byNode: boolean;
}

const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const chunkedPut = 'PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
const post = (body: string): string => `POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const date = ['Date', 'Tue, 24 Nov 2026 00:00:00 GMT'];
const head: CheckedHead = { status: 200, reason: 'OK', fields: [...date, 'Content-Length', '2'] };

async function start(t: Scope, limits: Partial<ServerLimits> = {}) {
  const asked = new Journal<Asked>('request');
  const clients = new Clients({ connections: 100, connectionsPerClient: 100 });
  const server = new HttpServer(
    { header: 4096, ...limits },
    (request, response) => void asked.push({ request, response, byNode: request instanceof IncomingMessage }),
    clients,
  );
  server.node.listen(0, '127.0.0.1');
  await once(server.node, 'listening');
  t.teardown(() => {
    server.closeAll();
    return new Promise((done) => server.node.close(done));
  });
  const { port } = server.node.address() as { readonly port: number };
  /** Resolves when so many bytes of the last client have been read. */
  const hasRead = async (count: number): Promise<void> => {
    const [last] = [...clients].slice(-1);
    while (last !== undefined && last.bytesRead < count) await new Promise(setImmediate);
  };
  return { server, asked, hasRead, ask: (bytes: string | Buffer) => rawRequest(t, port, bytes) };
}

async function bodyOf(request: ClientRequest): Promise<string> {
  if (request.body !== undefined) return request.body.toString('latin1');
  const source = request.incoming ?? (request as IncomingMessage);
  const chunks: Buffer[] = [];
  source.on('data', (chunk) => chunks.push(chunk));
  const end = new Promise<void>((done) => source.on('end', done));
  source.resume();
  await end;
  return Buffer.concat(chunks).toString('latin1');
}

const close = (response: ClientResponse): Promise<void> => new Promise((done) => response.on('close', () => done()));

t.test('plain requests are read past Node’s parser, one after the other', async (t) => {
  const { asked, ask } = await start(t);
  const wire = await ask(get);
  for (const [n, bytes] of [get, get, post('ok'), post('no'), get.replace('/a', '/c')].entries()) {
    if (n > 0) await wire.write(bytes);
    const { request, response, byNode } = await asked.first(undefined, n);
    t.notOk(byNode, bytes);
    t.equal(request.url, bytes.split(' ')[1]);
    t.equal(request.body?.toString(), bytes.split('\r\n\r\n')[1] || undefined);
    const over = close(response);
    t.ok(sendWhole(response, head, 'ok', () => undefined));
    await over;
    t.ok(response.destroyed);
    t.match(
      (await wire.until('\r\n\r\nok')).toString(),
      /^HTTP\/1\.1 200 OK\r\nDate: .*\r\nKeep-Alive: timeout=65\r\n/s,
    );
  }
});

t.test('one whose answer takes long stays, and is ended when nothing follows', async (t) => {
  const { asked, ask } = await start(t, { patience: { head: 60_000, idle: 100, look: 10 } });
  const wire = await ask(get);
  const { response } = await asked.first();
  for (const n of [1, 2]) {
    const other = await ask(get);
    t.ok(sendWhole((await asked.first(undefined, n)).response, head, 'ok', () => undefined));
    t.equal(await other.ended, 'end');
  }
  t.ok(sendWhole(response, head, 'ok', () => undefined));
  await wire.until('\r\n\r\nok');
  t.equal(await wire.ended, 'end');
});

t.test('connections of one client have one head together, those of others have not', async (t) => {
  const { server, asked, ask } = await start(t);
  const { port } = server.node.address() as { readonly port: number };
  const other = (bytes: string | Buffer) => rawRequest(t, port, bytes, '127.0.0.1', '127.0.0.2');
  const comesBy = async (open: typeof ask, bytes: string): Promise<ClientRequest> => {
    const from = asked.length;
    await open(bytes);
    return (await asked.first(undefined, from)).request;
  };
  const own = [await comesBy(ask, get), await comesBy(ask, get)];
  t.ok(own[0]?.recurs);
  t.equal(own[1]?.recurs, own[0]?.recurs);
  t.not(own[1]?.socket, own[0]?.socket);
  const others = [await comesBy(other, get), await comesBy(other, post('ok')), await comesBy(other, get)];
  t.not(others[0]?.recurs, own[0]?.recurs);
  t.not(others[1]?.recurs, others[0]?.recurs);
  t.equal(others[2]?.recurs, others[0]?.recurs);
});

t.test('who asks for something else each time shares the first four', async (t) => {
  const { asked, ask } = await start(t);
  const wire = await ask('');
  const heads: unknown[] = [];
  const paths = ['/1', '/2', '/3', '/4', '/5'];
  for (const open of [(bytes: string) => wire.write(bytes), ask]) {
    for (const path of paths) {
      const from = asked.length;
      await open(get.replace('/a', path));
      const { request, response } = await asked.first(undefined, from);
      heads.push(request.recurs);
      if (open === ask) continue;
      t.ok(sendWhole(response, head, 'ok', () => undefined));
      await wire.until('\r\n\r\nok');
    }
  }
  t.same(
    paths.map((_, n) => heads[n] === heads[n + paths.length]),
    [true, true, true, true, false],
  );
});

t.test('one that comes with more behind it takes no known head’s place', async (t) => {
  const { asked, ask } = await start(t);
  const came: Asked[] = [];
  for (const bytes of [get, get + get, get]) {
    await ask(bytes);
    came.push(await asked.first(undefined, came.length));
  }
  t.same(
    came.map(({ byNode }) => byNode),
    [false, true, false],
  );
  t.ok(came[0]?.request.recurs);
  t.equal(came[2]?.request.recurs, came[0]?.request.recurs);
});

t.test('a head that is known on other connections is held to a new limit', async (t) => {
  const { server, asked, ask } = await start(t);
  const long = get.replace('\r\n\r\n', `\r\nX-A: ${'a'.repeat(1_500)}\r\n\r\n`);
  const wire = await ask(long);
  const { response } = await asked.first();
  server.limit({ header: 1024 });
  t.match((await (await ask(long)).until('\r\n\r\n')).toString(), /^HTTP\/1\.1 431 /);
  t.ok(sendWhole(response, head, 'ok', () => undefined));
  await wire.until('\r\n\r\nok');
  await wire.write(long);
  t.notOk((await asked.first(undefined, 1)).byNode, 'not so on a connection from before');
});

t.test('what Node is asked to send is byte for byte what it sends of its own', async (t) => {
  const { asked, ask } = await start(t);
  const ways: Readonly<Record<string, (response: ClientResponse) => void>> = {
    'in parts': (response) => {
      response.writeHead(200, 'Fine', [...date, 'Content-Length', '4', 'X-A', '1', 'X-A', '2']);
      response.write(Buffer.from('ok'));
      response.end('ok');
    },
    'in parts, over some turns': (response) => {
      response.writeHead(200, 'Fine', [...date, 'Content-Length', '6']);
      response.flushHeaders();
      setImmediate(() => {
        response.write(Buffer.from('ok'));
        response.write(Buffer.from('ok'));
        setImmediate(() => response.end(Buffer.from('ok')));
      });
    },
    'in parts, of a length that is not told': (response) => {
      response.writeHead(200, 'Fine', [...date, 'X-A', '1']);
      response.write(Buffer.from('ok'));
      response.end();
    },
    'in chunks, with trailers': (response) => {
      response.writeHead(200, 'Fine', [...date, 'Transfer-Encoding', 'chunked', 'Trailer', 'X-T']);
      response.flushHeaders();
      response.write(Buffer.from('ok'));
      response.addTrailers([['X-T', '1']]);
      response.end();
    },
    'in chunks, short and long, over some turns': (response) => {
      response.writeHead(200, 'Fine', [...date, 'Transfer-Encoding', 'chunked']);
      // Each in a turn of its own: Node 26 makes one chunk of all that come together.
      const write = ([length, ...more]: number[]): void => {
        if (length === undefined) {
          response.write(Buffer.from('\xff', 'latin1'), (error) => t.notOk(error));
          setImmediate(() => response.end(Buffer.from('ok')));
        } else {
          response.write(Buffer.alloc(length, 'x'));
          setImmediate(write, more);
        }
      };
      setImmediate(write, [1, 0, 1024, 1025, 70_000]);
    },
    'in chunks, without any': (response) => {
      response.writeHead(200, 'Fine', [...date, 'transfer-encoding', 'chunked']);
      response.end();
    },
    'in chunks, with another coding': (response) => {
      response.writeHead(200, 'Fine', [...date, 'Transfer-Encoding', 'gzip, chunked']);
      response.end('ok');
    },
    'in chunks, behind a length': (response) => {
      response.writeHead(200, 'Fine', [...date, 'Content-Length', '2', 'Transfer-Encoding', 'chunked']);
      response.end('ok');
    },
    'by fields that are set': (response) => {
      response.setHeader('X-A', '1');
      response.writeHead(404, { Date: date[1] as string, 'Content-Length': '2' });
      response.end(Buffer.from('ok'));
    },
    'as latin1': (response) => {
      response.writeHead(200, '', [...date, 'Content-Length', '1']);
      response.end('\xff', 'latin1');
    },
    'as the last one': (response) => {
      response.shouldKeepAlive = false;
      t.notOk(sendWhole(response, head, 'ok', () => undefined));
      response.writeHead(200, '', [...date, 'Content-Length', '2']);
      response.end('ok');
    },
  };
  for (const [way, answer] of Object.entries(ways)) {
    for (const asking of [
      get,
      get.replace('GET', 'HEAD'),
      get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
      post('ok').slice(0, -1),
    ]) {
      // TE says nothing here, and is Node's.
      const both = [asking, asking.replace('\r\n\r\n', '\r\nTE: trailers\r\n\r\n')];
      const texts: string[] = [];
      for (const bytes of both) {
        const from = asked.length;
        const wire = await ask(bytes);
        const { response, byNode } = await asked.first(undefined, from);
        t.equal(byNode, bytes.includes('TE'));
        t.notOk(response.headersSent);
        const over = close(response);
        answer(response);
        t.ok(response.headersSent);
        t.equal(response.writableEnded, !way.includes('turns'));
        await over;
        t.ok(response.destroyed && response.writableEnded && response.writableFinished, way);
        const lasts = asking.includes('close') || way === 'as the last one';
        if (lasts) t.equal(await wire.ended, 'end');
        else {
          await wire.write(asking.startsWith('POST') ? `k${get}` : get);
          t.ok(sendWhole((await asked.first(undefined, from + 1)).response, head, 'zz', () => undefined));
          await wire.until('\r\n\r\nzz');
        }
        texts.push(wire.text());
      }
      t.equal(texts[0], texts[1], `${way}: ${texts[0]}`);
      t.not(texts[0], '');
    }
  }
});

t.test('what is not plain, Node reads, and all that comes behind it', async (t) => {
  const { asked, ask, hasRead } = await start(t);
  for (const before of ['', get, post('ok')]) {
    for (const bytes of [chunkedPut, get.slice(0, 5), get + get, post('ok') + get, chunkedPut + get]) {
      const from = asked.length;
      const wire = await ask(before === '' ? bytes : before);
      if (before !== '') {
        const { response, byNode } = await asked.first(undefined, from);
        t.notOk(byNode);
        t.ok(sendWhole(response, head, 'ok', () => undefined));
        await wire.until('\r\n\r\nok');
        await wire.write(bytes);
      }
      if (bytes === get.slice(0, 5)) {
        await hasRead(before.length + bytes.length);
        await wire.write(get.slice(5));
      }
      const whole = before === '' ? from : from + 1;
      const { request, response, byNode } = await asked.first(undefined, whole);
      t.ok(byNode);
      if (request.method !== 'GET') t.equal(await bodyOf(request), 'ok', bytes);
      response.end('one');
      await wire.until('one');
      if (bytes.endsWith(get)) (await asked.first(undefined, whole + 1)).response.end('two');
      else {
        await wire.write(get);
        const next = await asked.first(undefined, whole + 1);
        t.ok(next.byNode);
        next.response.end('two');
      }
      await wire.until('two');
    }
  }
});

/** Ways to answer by `text` of two letters. */
const answers = {
  whole: (response: ClientResponse, text: string) => {
    if (!sendWhole(response, head, text, () => undefined)) throw new Error('it was not sent');
  },
  byNode: (response: ClientResponse, text: string) => {
    response.writeHead(200, ['Content-Length', '2']);
    response.end(text);
  },
};

t.test('what comes while a request is under way waits for its turn, in order', async (t) => {
  const { asked, ask, hasRead } = await start(t);
  const byTe = get.replace('\r\n\r\n', '\r\nTE: trailers\r\n\r\n');
  /** In pieces, each read by itself, and how many requests they are. */
  const cases: readonly (readonly [readonly string[], number])[] = [
    [[get], 1],
    [[get, get], 2],
    [[get, get, get], 3],
    [[get + get], 2],
    [[get, get + get], 3],
    [[byTe], 1],
    [[byTe, get], 2],
    [[get, byTe], 2],
    [[post('ok')], 1],
    [[post('ok').slice(0, -1), 'k'], 1],
    [[get.slice(0, 9), get.slice(9)], 1],
    [[get, get.slice(0, 9), get.slice(9)], 2],
    [[post('x'.repeat(100_000))], 1],
    [[get, post('x'.repeat(100_000)), get], 3],
  ];
  for (const answer of Object.values(answers)) {
    for (const [behind, count] of cases) {
      const from = asked.length;
      const wire = await ask(get);
      const first = await asked.first(undefined, from);
      let length = get.length;
      for (const bytes of behind) {
        await wire.write(bytes);
        length += bytes.length;
        // One that is not read on is held back with what it has sent besides.
        while (!first.request.socket.isPaused() && first.request.socket.bytesRead < length)
          await new Promise(setImmediate);
      }
      t.equal(asked.length, from + 1);
      answer(first.response, '00');
      for (let n = 1; n <= count; n += 1) {
        const { request, response } = await asked.first(undefined, from + n);
        const expected = behind.join('').includes('100000') && request.method === 'POST' ? 100_000 : 2;
        if (request.method === 'POST') t.equal((await bodyOf(request)).length, expected);
        answer(response, `0${n}`);
        await wire.until(`\r\n\r\n0${n}`);
      }
      const texts = [...wire.text().matchAll(/\r\n\r\n(\d\d)/g)].map(([, text]) => text);
      t.same(
        texts,
        Array.from({ length: count + 1 }, (_, n) => `0${n}`),
        behind.join('|').slice(0, 200),
      );
      t.equal(asked.length, from + 1 + count);
    }
    const from = asked.length;
    const wire = await ask(get);
    const { response } = await asked.first(undefined, from);
    await wire.write('nonsense\r\n\r\n');
    await hasRead(get.length + 'nonsense\r\n\r\n'.length);
    answer(response, '00');
    t.equal(await wire.ended, 'end');
    t.match(wire.text(), /\r\n\r\n00HTTP\/1\.1 400 /);
  }
});

t.test(
  'a body that begins while another request is under way is read whole, and nothing of it as a request',
  async (t) => {
    const { asked, ask } = await start(t);
    const piece = `${'x'.repeat(3_000)}\r\n\r\n${get.replace('/a', '/smuggled')}`;
    for (const answer of Object.values(answers)) {
      for (const pieces of [1, 2, 3, 5, 20, 60]) {
        const from = asked.length;
        const wire = await ask(get);
        const first = await asked.first(undefined, from);
        const { socket } = first.request;
        const body = Array.from({ length: pieces }, (_, n) => `${n}${piece}`);
        const all = [`PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.join('').length}\r\n\r\n`, ...body, get];
        for (const bytes of all) {
          const before = socket.bytesRead;
          await wire.write(bytes);
          for (let turn = 0; turn < 20 && socket.bytesRead === before; turn += 1) await new Promise(setImmediate);
        }
        answer(first.response, '00');
        const { request, response } = await asked.first(undefined, from + 1);
        t.equal(await bodyOf(request), body.join(''));
        answer(response, '01');
        const last = await asked.first(undefined, from + 2);
        t.equal(last.request.url, '/a');
        answer(last.response, '02');
        await wire.until('\r\n\r\n02');
        t.equal(asked.length, from + 3);
      }
    }
  },
);

t.test('a client that leaves is noticed, whether it resets or only ends its side', async (t) => {
  const { asked, ask, server, hasRead } = await start(t);
  for (const leave of ['reset', 'end', 'drop'] as const) {
    for (const [begun, behind] of [
      [false, 0],
      [true, 0],
      [false, 1],
      [false, 3],
    ] as const) {
      const from = asked.length;
      const wire = await ask(get);
      const { request, response } = await asked.first(undefined, from);
      for (let n = 1; n <= behind; n += 1) {
        await wire.write(get);
        await hasRead((n + 1) * get.length);
      }
      if (begun) {
        response.writeHead(200, ['Content-Length', '2']);
        response.write(Buffer.from('o'));
        await wire.until('\r\n\r\no');
      }
      const over = close(response);
      wire[leave]();
      await over;
      t.ok(response.destroyed);
      t.ok(request.socket.destroyed);
    }
  }
  for (const leave of ['reset', 'end', 'drop'] as const) {
    const from = asked.length;
    const wire = await ask(get);
    const { request, response } = await asked.first(undefined, from);
    sendWhole(response, head, 'ok', () => undefined);
    await wire.until('\r\n\r\nok');
    const closed = new Promise((done) => request.socket.once('close', done));
    wire[leave]();
    await closed;
  }
  t.equal(server.node.listenerCount('connection'), 1);
});

t.test('what was sent before a client ends its side, it gets', async (t) => {
  const { asked, ask } = await start(t);
  const wire = await ask(get);
  const { request, response } = await asked.first();
  const over = close(response);
  response.writeHead(200, 'OK', [...date, 'Content-Length', '6']);
  response.write(Buffer.from('abc'));
  // In the same turn.
  request.socket.emit('end');
  t.equal(await wire.ended, 'end');
  t.match(wire.text(), /\r\n\r\nabc$/);
  void wire.close();
  await over;
});

t.test('the end is told to all who wait for it, and then the close, whoever sends the response', async (t) => {
  const { asked, ask } = await start(t);
  const ways: Readonly<Record<string, (response: ClientResponse) => unknown>> = {
    whole: (response) => sendWhole(response, head, 'ok', () => undefined),
    'in parts': (response) => {
      response.writeHead(200, 'OK', head.fields as string[]);
      response.end('ok');
    },
    'by Node': (response) => {
      response.writeHead(200, [...head.fields]);
      response.end('ok');
    },
  };
  for (const [way, answer] of Object.entries(ways)) {
    const from = asked.length;
    const wire = await ask(get);
    const { response } = await asked.first(undefined, from);
    const told: string[] = [];
    response.once('finish', () => told.push('finish'));
    response.on('close', () => told.push('close'));
    const over = close(response);
    answer(response);
    await over;
    t.same(told, ['finish', 'close'], way);
    await wire.until('\r\n\r\nok');
  }
});

t.test('a response that is destroyed takes its connection with it', async (t) => {
  const { asked, ask } = await start(t);
  const wire = await ask(get);
  const { response } = await asked.first();
  const over = close(response);
  response.destroy();
  await over;
  await wire.ended;
  t.equal(wire.text(), '');
  t.notOk(response.writableFinished);
});

t.test('a client that takes nothing is waited for, and told when it takes more', async (t) => {
  const { asked, ask } = await start(t);
  const wire = await ask(get);
  const { response } = await asked.first();
  wire.socket.pause();
  const piece = Buffer.alloc(1 << 20, 'x');
  response.writeHead(200, ['Transfer-Encoding', 'chunked']);
  while (response.write(piece));
  const drained = new Promise<void>((done) => response.once('drain', done));
  wire.socket.resume();
  await drained;
  const over = close(response);
  response.end();
  await over;
  t.ok(response.writableFinished);
  t.match((await wire.until('\r\n0\r\n\r\n')).subarray(-8).toString(), 'x\r\n0\r\n\r\n');
});

t.test('a client is held back that sends more than is read, whoever reads it', async (t) => {
  const { asked, ask } = await start(t);
  const size = 64 << 20;
  for (const [before, field] of [
    ['', ''],
    [get, ''],
    ['', 'TE: trailers\r\n'],
    [get, 'TE: trailers\r\n'],
  ] as const) {
    const from = asked.length;
    const announced = `PUT / HTTP/1.1\r\nHost: x\r\n${field}Content-Length: ${size}\r\n\r\n`;
    const wire = await ask(before === '' ? announced : before);
    if (before !== '') {
      sendWhole((await asked.first(undefined, from)).response, head, 'ok', () => undefined);
      await wire.until('\r\n\r\nok');
      await wire.write(announced + 'x'.repeat(100_000));
    }
    const { request, response, byNode } = await asked.first(undefined, before === '' ? from : from + 1);
    t.equal(byNode, field !== '');
    let sent = false;
    void wire.write(Buffer.alloc(before === '' ? size : size - 100_000, 'x')).then(() => (sent = true));
    // It has been read as far as it is when nothing more has come for some turns.
    for (let last = -1, still = 0; still < 50; still += 1) {
      await new Promise((done) => setTimeout(done, 2));
      if (request.socket.bytesRead !== last) still = 0;
      last = request.socket.bytesRead;
    }
    t.notOk(sent);
    t.ok(request.socket.bytesRead < 1 << 20, `${request.socket.bytesRead}`);
    t.equal((await bodyOf(request)).length, size);
    response.end('all');
    await wire.until('all');
  }
});

t.test('only those without a request are idle', async (t) => {
  const { server, asked, ask } = await start(t);
  const silent = await ask('');
  const busy = await ask(get);
  const { response } = await asked.first();
  const handed = await ask(get + get);
  const first = await asked.first(undefined, 1);
  const kept = await ask(get);
  sendWhole((await asked.first(undefined, 2)).response, head, 'ok', () => undefined);
  await kept.until('\r\n\r\nok');
  const read = await ask('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n');
  const later = await asked.first(undefined, 3);
  const answered = await ask('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n');
  (await asked.first(undefined, 4)).response.end('early');
  await answered.until('early');
  server.closeIdle();
  await Promise.all([silent.ended, kept.ended]);
  await answered.write(`ok${get}`);
  (await asked.first(undefined, 5)).response.end('more');
  await answered.until('more');
  response.end('busy');
  await busy.until('busy');
  first.response.end('handed');
  await handed.until('handed');
  await read.write('ok');
  t.equal(await bodyOf(later.request), 'ok');
  (later.response as ServerResponse).end('read');
  await read.until('read');
});

/** What comes of a body, and what is done about it, in order. */
function follow(request: ClientRequest): { readonly told: string[]; readonly source: BodySource } {
  const source = request.incoming as BodySource;
  const told: string[] = [];
  source.on('data', (chunk) => told.push(chunk.toString()));
  source.on('end', () => told.push('end'));
  return { told, source };
}

t.test('a body that comes in pieces is read as it comes, and what is behind it waits', async (t) => {
  const { asked, ask, hasRead } = await start(t);
  const text = post('0123456789');
  const head = text.length - 10;
  for (const cuts of [[head], [head + 1], [head + 9], [head, head + 5], [head + 2, head + 3, head + 4]]) {
    for (const behind of ['', get, get + get, get.slice(0, 7), chunkedPut]) {
      const from = asked.length;
      const ends = [...cuts, text.length];
      const pieces = ends.map((end, n) => text.slice(ends[n - 1] ?? 0, end));
      pieces.push(`${pieces.pop()}${behind}`);
      const wire = await ask(pieces[0] as string);
      const { request, response, byNode } = await asked.first(undefined, from);
      t.notOk(byNode);
      t.notOk(request.complete || request.destroyed);
      for (const [n, piece] of pieces.slice(1).entries()) {
        await wire.write(piece);
        await hasRead(pieces.slice(0, n + 2).join('').length);
      }
      t.ok(request.complete);
      t.equal(await bodyOf(request), '0123456789');
      t.equal(request.incoming?.readableEnded, true);
      t.equal(asked.length, from + 1);
      answers.whole(response, '00');
      await wire.until('\r\n\r\n00');
      if (behind === get.slice(0, 7)) await wire.write(get.slice(7));
      const count = behind === '' ? 0 : behind === get + get ? 2 : 1;
      for (let n = 1; n <= count; n += 1) {
        const next = await asked.first(undefined, from + n);
        if (next.request.method === 'PUT') t.equal(await bodyOf(next.request), 'ok');
        else t.equal(next.request.url, '/a');
        answers.byNode(next.response, `0${n}`);
        await wire.until(`\r\n\r\n0${n}`);
      }
      t.equal(asked.length, from + 1 + count);
    }
  }
});

t.test('who reads a body can have it wait, and is told its end behind all of it', async (t) => {
  const { asked, ask, hasRead } = await start(t);
  const head = 'PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n';
  const wire = await ask(`${head}a`);
  const { told, source } = follow((await asked.first()).request);
  t.same(told, [], 'nothing before it is wanted');
  t.notOk(source.isPaused());
  source.resume();
  t.same(told, ['a']);
  source.pause();
  t.ok(source.isPaused());
  for (const [n, piece] of ['b', 'c', 'd'].entries()) {
    await wire.write(piece);
    await hasRead(head.length + 2 + n);
  }
  t.same(told, ['a']);
  // Paused by whoever is told, in the midst of it.
  source.on('data', (chunk) => {
    told.push(chunk.toString());
    source.pause();
  });
  for (const expected of ['b', 'c', 'd']) {
    source.resume();
    t.equal(told.at(-1), expected);
  }
  t.notOk(source.readableEnded);
  source.resume();
  source.resume();
  t.same(told, ['a', 'b', 'c', 'd', 'end']);
});

t.test('the rest of a body whose request has been answered is dropped, and the next request read', async (t) => {
  const { asked, ask, hasRead } = await start(t);
  const head = 'PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n';
  const rest = get.replace('/a', '/no').repeat(20_000).slice(0, 300_000);
  for (const answer of Object.values(answers).slice(1)) {
    for (const [reads, first] of [
      [false, 0],
      [false, 200_000],
      [true, 0],
      [true, 200_000],
    ] as const) {
      const from = asked.length;
      const wire = await ask(head);
      const { request, response } = await asked.first(undefined, from);
      let isOver = 0;
      request.once('close', () => (isOver += 1));
      if (reads) {
        const { source } = follow(request);
        source.resume();
        source.pause();
      }
      const written = wire.write(rest.slice(0, first));
      if (first > 0) await hasRead(head.length + 65_536);
      answer(response, '00');
      await wire.until('\r\n\r\n00');
      await written;
      t.equal(isOver, 0);
      t.notOk(request.complete);
      await wire.write(rest.slice(first) + get);
      const next = await asked.first(undefined, from + 1);
      t.equal(isOver, 1);
      t.ok(request.complete);
      request.once('close', () => (isOver += 1));
      t.equal(next.request.url, '/a');
      t.notOk(next.byNode);
      answer(next.response, '01');
      await wire.until('\r\n\r\n01');
      t.equal(isOver, 1);
      t.equal(asked.length, from + 2);
    }
  }
});

t.test('a client that leaves in the midst of a body is noticed', async (t) => {
  const { asked, ask, hasRead } = await start(t);
  const head = 'PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n';
  for (const leave of ['reset', 'end', 'drop'] as const) {
    for (const begun of [false, true]) {
      for (const reads of [false, true]) {
        const from = asked.length;
        const wire = await ask(head);
        const { request, response } = await asked.first(undefined, from);
        const { told, source } = follow(request);
        if (reads) source.resume();
        await wire.write('abc');
        await hasRead(head.length + 3);
        if (begun) {
          response.writeHead(200, ['Content-Length', '2']);
          response.write(Buffer.from('o'));
          await wire.until('\r\n\r\no');
        }
        let isOver = false;
        request.once('close', () => (isOver = true));
        const over = close(response);
        wire[leave]();
        await over;
        t.ok(isOver && request.destroyed && response.destroyed && request.socket.destroyed);
        t.same(told, reads ? ['abc'] : []);
        if (leave === 'end') t.not(await wire.ended, 'reset');
      }
    }
  }
});

t.test('a client that ends its side behind an answer that is on its way gets all of it', async (t) => {
  const { asked, ask } = await start(t);
  const wire = await ask('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n');
  const { request, response } = await asked.first();
  const size = 16 << 20;
  wire.socket.pause();
  response.writeHead(200, ['Content-Length', String(size)]);
  response.end(Buffer.alloc(size, 'x'));
  const left = new Promise((done) => request.socket.once('end', done));
  wire.end();
  await left;
  wire.socket.resume();
  t.equal(await wire.ended, 'end');
  t.equal(wire.text().split('\r\n\r\n')[1]?.length, size);
});

t.test('the last four heads of a connection are known again, and no more', async (t) => {
  const { asked, ask } = await start(t);
  const wire = await ask('');
  const heads: unknown[] = [];
  for (const [n, path] of ['1', '2', '3', '4', '1', '2', '3', '4', '5', '2', '1'].entries()) {
    await wire.write(get.replace('/a', `/${path}`));
    const { request, response } = await asked.first(undefined, n);
    t.equal(request.url, `/${path}`);
    heads.push(request.recurs);
    answers.whole(response, String(n + 10));
    await wire.until(`\r\n\r\n${n + 10}`);
  }
  t.same(
    [4, 5, 6, 7].map((n) => heads.indexOf(heads[n])),
    [0, 1, 2, 3],
  );
  t.equal(heads.indexOf(heads[9]), 1, 'the fifth has displaced the one that was asked for longest ago');
  t.equal(heads.indexOf(heads[10]), 10);
});
