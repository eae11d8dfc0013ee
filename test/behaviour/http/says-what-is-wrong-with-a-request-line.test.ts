import { METHODS } from 'node:http';
import t, { type Test } from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { type Problem, startPair } from '../../fixtures/pair.ts';

/** What is said to a request line, with a field behind it. */
async function refusalOf(t: Test, port: number, line: string): Promise<Problem> {
  const wire = await rawRequest(t, port, `${line}\r\nHost: localhost\r\n\r\n`);
  t.match(await wire.head(), /^HTTP\/1\.1 400 Bad Request\r\n.*\r\nConnection: close\r\n/s);
  await wire.ended;
  return JSON.parse(wire.unread().toString()) as Problem;
}

// Node's parser takes no bytes over 127 in a target (RFC 3986 section 2), and there is none of our own on that side.
t.test('D17 a byte that has no place in a target: where it is, and how it is written', async (t) => {
  const { up, proxy } = await startPair(t);
  for (const [target, byte, before] of [
    ['/iot/\xe2\x82\xac', 'E2', '/iot/'],
    ['/iot?q=\xff', 'FF', '/iot?q='],
    ['http://localhost/iot/caf\xc3\xa9', 'C3', 'http://localhost/iot/caf'],
    ['http://h\xc3\xb6st/iot', 'C3', 'http://h'],
    ['/iot/\x7f', '7F', '/iot/'],
    ['/iot/a\x01b', '01', '/iot/a'],
    ['/iot/a\tb', '09', '/iot/a'],
    [`/iot/${'x'.repeat(60)}\x80`, '80', 'x'.repeat(40)],
  ] as const) {
    const { cause, detail } = await refusalOf(t, proxy.port, `GET ${target} HTTP/1.1`);
    t.equal(cause, 'bad-request');
    const text = `the request target has the byte 0x${byte} behind "${before}"; percent-encode it: %${byte} (RFC 3986 section 2.1)`;
    t.equal(detail, text);
  }
  t.equal(up.accepted, 0, 'nothing left the machine');
});

t.test('D17 a byte in a target that comes in pieces', async (t) => {
  const { proxy } = await startPair(t);
  const wire = await rawRequest(t, proxy.port, 'GET /iot/a');
  // The proxy has read that when it answers somebody else who came later.
  await (await rawRequest(t, proxy.port, 'GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n')).head();
  await wire.write('b\xfc');
  await wire.ended;
  t.match(wire.text(), /the request target has the byte 0xFC behind \\"b\\"; percent-encode it: %FC/);
});

t.test('D17 a blank in a target', async (t) => {
  const { proxy } = await startPair(t);
  const { detail } = await refusalOf(t, proxy.port, 'GET /iot/a b HTTP/1.1');
  t.match(detail, /behind the request target .* percent-encode blanks in the target: %20/);
});

t.test('a target over `limits.header` is 414, a head over it 431', async (t) => {
  const { up, proxy } = await startPair(t, { config: { limits: { header: '2KiB' } } });
  const long = 'x'.repeat(3_000);
  for (const [request, status] of [
    [`GET /iot/${long} HTTP/1.1\r\n\r\n`, '414 URI Too Long'],
    [`GET /iot HTTP/1.1\r\nX-Long: ${long}\r\n\r\n`, '431 Request Header Fields Too Large'],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), `HTTP/1.1 ${status}\r\n`);
    await wire.ended;
    t.match(JSON.parse(wire.unread().toString()), { cause: 'bad-request', detail: /`limits\.header`/ });
  }
  t.equal(up.accepted, 0);
});

t.test('D17 a target that is neither a path nor a URL', async (t) => {
  const { proxy } = await startPair(t);
  t.match((await refusalOf(t, proxy.port, 'GET iot HTTP/1.1')).detail, /neither a path nor a URL/);
});

t.test("a method that Node's parser does not know is refused with those that it knows", async (t) => {
  const { up, proxy } = await startPair(t);
  for (const method of ['FROBNICATE', 'GETX', 'M-', 'DESCRIBE', 'BASELINE-CONTROL']) {
    const { detail } = await refusalOf(t, proxy.port, `${method} /iot HTTP/1.1`);
    t.equal(detail, `the method ${method} is unknown; the proxy's parser knows ${METHODS.join(', ')}`);
  }
  t.equal(up.accepted, 0);
});

t.test('a method in small letters, and no method at all', async (t) => {
  const { proxy } = await startPair(t);
  t.match((await refusalOf(t, proxy.port, 'get /iot HTTP/1.1')).detail, 'the method get is unknown; write it GET');
  t.match((await refusalOf(t, proxy.port, '/iot HTTP/1.1')).detail, /does not begin with a method; .* GET, /);
});

t.test('every method that it knows goes through', async (t) => {
  const { up, proxy } = await startPair(t);
  const wire = await rawRequest(t, proxy.port, '');
  const methods = METHODS.filter((method) => method !== 'CONNECT');
  for (const [n, method] of methods.entries()) {
    await wire.write(`${method} /iot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /, method);
    if (method !== 'HEAD') await wire.until('}');
    t.equal(up.requests.at(n).method, method);
  }
});
