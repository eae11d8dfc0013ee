import { once } from 'node:events';
import { createServer, type IncomingMessage, METHODS } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import t from 'tap';
import { type PlainHead, type PlainRequest, readPlain } from '../../src/server/plain-request.ts';

const limit = 4096;
const socket = { pause() {}, resume() {} } as Socket;
const readHead = (text: string): PlainHead | undefined => readPlain(Buffer.from(text, 'latin1'), limit);
const read = (text: string): PlainRequest | undefined => readHead(text)?.request(Buffer.from(text, 'latin1'), socket);

const get = 'GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok';

t.test('what a plain request says', async (t) => {
  t.match(read('GET /a?b=%2f;c HTTP/1.1\r\nHost:  x:1 \r\nX-A: \r\nx-a: 1  2\r\nConnection: Keep-Alive\r\n\r\n'), {
    method: 'GET',
    url: '/a?b=%2f;c',
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    rawHeaders: ['Host', 'x:1', 'X-A', '', 'x-a', '1  2', 'Connection', 'Keep-Alive'],
    headers: { host: 'x:1' },
    complete: true,
    recurs: { persists: true },
    body: undefined,
    incoming: undefined,
  });
  t.match(read(post), { method: 'POST', body: Buffer.from('ok'), incoming: undefined, complete: true });
  t.match(read('DELETE / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'), { body: undefined, incoming: undefined });
  t.match(read('GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n'), { recurs: { persists: false } });
});

t.test('a body that does not come with its head, and one that is long, is read as it comes', async (t) => {
  const long = 'x'.repeat(16_385);
  for (const [text, complete] of [
    [post.slice(0, -1), false],
    [post.slice(0, -2), false],
    [post.replace('2\r\n\r\nok', `16385\r\n\r\n${long}`), true],
    [post.replace('2\r', '999999999999999\r'), false],
  ] as const) {
    const request = read(text) as PlainRequest;
    t.match(request, { body: undefined, complete });
    const came: Buffer[] = [];
    request.incoming?.on('data', (chunk) => came.push(chunk));
    request.incoming?.resume();
    t.equal(Buffer.concat(came).toString(), text.slice(text.indexOf('\r\n\r\n') + 4));
    t.equal(request.incoming?.readableEnded, complete);
  }
  t.match(read(post.replace('2\r\n\r\nok', `16384\r\n\r\n${long.slice(1)}`)), { body: Buffer.from(long.slice(1)) });
});

t.test('a head stands for those of other requests that are the same', async (t) => {
  const head = readHead(post) as PlainHead;
  const again = (text: string): PlainRequest | undefined => head.request(Buffer.from(text), socket);
  for (const text of [post, post.replace('ok', '\r\n')]) {
    t.match(again(text), { recurs: head, body: Buffer.from(text.slice(-2)) });
  }
  for (const text of [post.slice(0, -1), post.slice(0, -2)]) t.match(again(text), { recurs: head, complete: false });
  for (const other of [`${post} `, post.slice(0, -3), post.replace('Host: x', 'Host: y'), get]) {
    t.notOk(again(other), other);
  }
});

t.test('a head that is kept keeps nothing of what came with it', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const arrays = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = arrays();
  const kept: (PlainHead | undefined)[] = [];
  for (let n = 0; n < 64; n += 1) {
    const piece = Buffer.alloc(1 << 20, 'x');
    piece.write(get, piece.length - get.length);
    kept.push(readPlain(piece.subarray(-get.length), limit), readPlain(Buffer.from(get), limit));
    piece.write(post.replace('2', String(1 << 19)));
    kept.push(readPlain(piece.subarray(0, -1), limit));
  }
  let grown = arrays() - before;
  // The last piece may still be at hand; all of them are 64 MiB. What a collection finds it may free some turns later.
  for (let turns = 0; grown >= 4 << 20 && turns < 100; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    grown = arrays() - before;
  }
  t.ok(grown < 4 << 20, `${grown}`);
  t.ok(kept.every((head) => head !== undefined));
});

const fields = (...lines: string[]): string => `GET / HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n`;

const others: Readonly<Record<string, string>> = {
  nothing: '',
  'a part of a head': get.slice(0, -1),
  'something behind it': `${get}G`,
  'another one behind it': get + get,
  'something behind its body': `${post}G`,
  'a body without a length': `${get.replace('GET', 'POST')}ok`,
  'a body of a GET': post.replace('POST', 'GET'),
  'a body of a HEAD': post.replace('POST', 'HEAD'),
  'HTTP/1.0': get.replace('1.1', '1.0'),
  'HTTP/2.0': get.replace('1.1', '2.0'),
  'an absolute target': get.replace('/a?b', 'http://x/'),
  'the asterisk': get.replace('GET /a?b', 'OPTIONS *'),
  'a space in the target': get.replace('/a?b', '/a b'),
  'a target beyond ASCII': get.replace('/a?b', '/\xe4'),
  'no target': get.replace(' /a?b', ''),
  'no Host': 'GET / HTTP/1.1\r\nX-Host: x\r\n\r\n',
  'two Hosts': fields('Host: x'),
  'two lengths': post.replace('\r\n\r\n', '\r\ncontent-length: 2\r\n\r\n'),
  'a length with a zero before it': post.replace(': 2', ': 02'),
  'a length with a sign': post.replace(': 2', ': +2'),
  'a list of lengths': post.replace(': 2', ': 2, 2'),
  'a length in hexadecimal': post.replace(': 2', ': 0x2'),
  'no length': post.replace(': 2', ':'),
  'a length beyond reason': post.replace(': 2', ': 1000000000000000'),
  chunks: fields('Transfer-Encoding: chunked'),
  'any transfer coding': fields('tRANSFER-eNCODING: identity'),
  'an expectation': fields('Expect: 100-continue'),
  'an upgrade': fields('Upgrade: websocket'),
  'an upgrade by Connection only': fields('Connection: upgrade'),
  'nominated fields': fields('Connection: close, X-A'),
  'keep-alive of a proxy': fields('Proxy-Connection: close'),
  trailers: fields('Trailer: X-A'),
  TE: fields('TE: trailers'),
  'a folded field': fields('X-A: 1', ' 2'),
  'a blank before the colon': fields('X-A : 1'),
  'a tab in a value': fields('X-A: 1\t2'),
  'a tab behind a value': fields('X-A: 1\t'),
  'a value beyond ASCII': fields('X-A: \xe4'),
  'a control character': fields('X-A: \x01'),
  NUL: fields('X-A: a\0b'),
  'CR alone': fields('X-A: a\rb'),
  'LF alone': fields('X-A: a\nX-B: b'),
  'LF alone behind the line': get.replace('1.1\r\n', '1.1\n'),
  'an empty line before it': `\r\n${get}`,
  'no colon': fields('X-A'),
  'no name': fields(': 1'),
  'a name that is no token': fields('X(A): 1'),
  'a head over the limit': fields(`X-A: ${'a'.repeat(limit)}`),
  'a head at the limit': fields(`X-A: ${'a'.repeat(limit - fields('X-A: ').length)}`),
  'a method in lower case': get.replace('GET', 'get'),
  TLS: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaaaaaaaaaaaaaaaaaa',
};

for (const [name, text] of Object.entries(others)) {
  t.test(`not plain: ${name}`, async (t) => t.equal(read(text), undefined));
}

t.test('not plain: other methods', async (t) => {
  const plain = METHODS.filter((method) => read(get.replace('GET', method)) !== undefined);
  t.same(plain, ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']);
});

t.test('of the longest head that is plain, one byte less', async (t) => {
  const room = limit - 1 - fields('X-A: ').length;
  t.ok(read(fields(`X-A: ${'a'.repeat(room)}`)));
});

/** Pieces of requests, good and bad ones. */
const name = fc.oneof(
  fc.constantFrom(
    'Host',
    'host',
    'Content-Length',
    'content-length',
    'Connection',
    'Accept',
    'X-A',
    'Cookie',
    'Keep-Alive',
  ),
  fc.constantFrom('Transfer-Encoding', 'Expect', 'Upgrade', 'TE', 'Trailer', 'X A', 'X\x00', '', 'Proxy-Connection'),
  fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/),
);
const value = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'localhost:8080',
    '0',
    '1',
    '2',
    '5',
    '05',
    'keep-alive',
    'close',
    'chunked',
    ' a  b ',
    'a\tb',
  ),
  fc.stringMatching(/^[ -~]{0,20}$/),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const blank = fc.constantFrom('', ' ', '  ', '\t');
const eol = fc.oneof({ weight: 30, arbitrary: fc.constant('\r\n') }, fc.constantFrom('\n', '\r', '\r\n ', '\r\n\r\n'));
const field = fc
  .tuple(name, blank, value, blank, eol)
  .map(([n, before, v, behind, end]) => `${n}:${before}${v}${behind}${end}`);
const request = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', 'G\0T'),
    target: fc.oneof(
      fc.stringMatching(/^\/[!-~]{0,20}$/),
      fc.constantFrom('*', '/', '//a', 'http://x/', '/ä', '/a b', ''),
    ),
    version: fc.oneof(
      { weight: 20, arbitrary: fc.constant('HTTP/1.1') },
      fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'http/1.1'),
    ),
    host: fc.oneof({ weight: 10, arbitrary: fc.constant('Host: x\r\n') }, fc.constant('')),
    fields: fc.array(field, { maxLength: 4 }),
    body: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.string({ unit: 'binary', maxLength: 6 })),
    announced: fc.boolean(),
  })
  .map(({ method, target, version, host, fields, body, announced }) => {
    const length = announced ? `Content-Length: ${body.length}\r\n` : '';
    return `${method} ${target} ${version}\r\n${host}${fields.join('')}${length}\r\n${body}`;
  });

interface Said {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

t.test('Node’s parser reads each that is plain in the same way, and takes up right behind it', async (t) => {
  const plain: string[] = [];
  const expected: Said[] = [];
  let count = 0;
  fc.assert(
    fc.property(request, (text) => {
      count += 1;
      const found = read(text);
      if (found?.recurs.persists !== true || !found.complete) return;
      const { method, url, httpVersion, rawHeaders, body } = found;
      plain.push(text);
      expected.push({ method, url, httpVersion, rawHeaders, body: body?.toString('latin1') ?? '' });
    }),
    { numRuns: 20_000 },
  );
  t.ok(plain.length > 1_000, `${plain.length} of ${count}`);
  t.ok(expected.some(({ body }) => body.length > 0));
  const asked: Said[] = [];
  const server = createServer({ requireHostHeader: false }, (incoming: IncomingMessage, response) => {
    const { method, url, httpVersion, rawHeaders } = incoming;
    let body = '';
    incoming.setEncoding('latin1').on('data', (text: string) => (body += text));
    incoming.on('end', () => {
      asked.push({ method, url, httpVersion, rawHeaders, body });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  server.maxHeadersCount = 0;
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, client) => {
    t.fail(`${error.message} ${error.rawPacket?.toString('latin1')}`);
    client.destroy();
  });
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.resume();
  // All on one connection: where one ends, the next begins.
  for (const text of plain) client.write(text, 'latin1');
  client.end('GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await once(client, 'close');
  server.close();
  t.equal(asked.pop()?.url, '/last');
  t.same(asked, expected);
});
