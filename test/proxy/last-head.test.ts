import fc from 'fast-check';
import t from 'tap';
import { LastHead } from '../../src/proxy/last-head.ts';
import { type ResponseHead, ResponseReader } from '../../src/proxy/response-reader.ts';

const { FUZZ_SEED = 20261126, FUZZ_RUNS = 1500 } = process.env;

const ok = 'HTTP/1.1 200 OK\r\n';
const date = 'Date: Thu, 26 Nov 2026 10:00:00 GMT\r\n';
const responses: readonly string[] = [
  `${ok}${date}Content-Length: 2\r\n\r\nok`,
  `${ok}${date}Content-Length: 2\r\n\r\nno`,
  `${ok}${date}Content-Length: 3\r\n\r\nyes`,
  `${ok}${date}Content-Length: 0\r\n\r\n`,
  `${ok}${date}Content-Length: 0\r\n\r\n${ok}Content-Length: 6\r\n\r\npoison`,
  `HTTP/1.1 100 Continue\r\n\r\n${ok}${date}Content-Length: 2\r\n\r\nok`,
  `HTTP/1.1 204 No Content\r\n${date}\r\n`,
  `HTTP/1.1 304 Not Modified\r\n${date}Content-Length: 2\r\n\r\n`,
  `HTTP/1.1 404 Not Found\r\n${date}Connection: close\r\nContent-Length: 2\r\n\r\nno`,
  `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n`,
  `${ok}Transfer-Encoding: chunked\r\n\r\nx\r\n`,
  `${ok}${date}\r\nto the end`,
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\nframes`,
  `${ok}Content-Length: x\r\n\r\n`,
  `${ok}X: ${'x'.repeat(3_000)}\r\nContent-Length: 2\r\n\r\nok`,
];

/** All that a reader tells of a response that comes in two pieces, and is followed by a close. */
function reading(bytes: Buffer, cut: number, method: string, last: LastHead | undefined) {
  const told: unknown[] = [];
  const reader = new ResponseReader(
    {
      informational: (head: ResponseHead) => told.push(head),
      head: (head: ResponseHead) => told.push(head),
      body: (chunk, end) => told.push([chunk.toString(), end]),
      end: (trailers) => told.push(trailers),
    },
    undefined,
    last,
  );
  reader.start(method, method === 'POST');
  try {
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      if (piece.length > 0) told.push(reader.read(piece));
    }
    told.push(reader.close());
  } catch (error) {
    told.push(String(error));
  }
  return [...told, reader.state, reader.bytesSeen];
}

t.test('whatever was answered before, a response is read as if it were the first', (t) => {
  const exchange = fc.record({
    which: fc.nat(),
    method: fc.constantFrom('GET', 'GET', 'POST', 'HEAD', 'CONNECT'),
    // Most come in one piece.
    cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(200)),
  });
  const few = { minLength: 1, maxLength: 3 };
  const many = { minLength: 10, maxLength: 40 };
  let recalled = 0;
  fc.assert(
    fc.property(fc.shuffledSubarray([...responses], few), fc.array(exchange, many), (said, exchanges) => {
      const last = new LastHead();
      const { recall } = last;
      last.recall = (bytes, at) => {
        const head = recall.call(last, bytes, at);
        if (head !== undefined) recalled += 1;
        return head;
      };
      for (const { which, method, cut } of exchanges) {
        const bytes = Buffer.from(said[which % said.length] as string);
        const [with_, without] = [last, undefined].map((it) => reading(bytes, cut, method, it));
        if (JSON.stringify(with_) !== JSON.stringify(without)) {
          throw new Error(`${JSON.stringify(with_)} instead of ${JSON.stringify(without)}`);
        }
      }
    }),
    { seed: Number(FUZZ_SEED), numRuns: Number(FUZZ_RUNS) },
  );
  t.ok(recalled > 1_000, `${recalled} heads were known`);
  t.end();
});

const head = (n: number): Buffer => Buffer.from(`${ok}X-Request-Id: ${String(n).padStart(4, '0')}\r\n\r\n`);
const read = { version: 1, status: 200, fields: ['X-Request-Id', '0001'] } as unknown as ResponseHead;

t.test('one head that comes in between does not displace the last one, two in a row do', (t) => {
  const last = new LastHead();
  const [a, b] = [head(1), head(2)];
  last.remember(a, 0, a.length, read);
  t.equal(last.length, a.length);
  t.equal(last.recall(b, 0), undefined);
  last.remember(b, 0, b.length, read);
  t.equal(last.recall(a, 0), read);
  t.equal(last.recall(Buffer.concat([b, a]), b.length), read);
  for (const end of [a.length - 1, 0]) t.equal(last.recall(a.subarray(0, end), 0), undefined);
  last.remember(b, 0, b.length, read);
  last.remember(b, 0, b.length, read);
  t.equal(last.recall(b, 0), read);
  t.equal(last.recall(a, 0), undefined);
  t.end();
});

/** Which one is remembered behind so many that are all others. */
function rememberedOf(count: number): number {
  const last = new LastHead();
  for (let n = 0; n < count; n += 1) {
    const bytes = head(n);
    last.remember(bytes, 0, bytes.length, read);
    // It may not be kept by its memory, which is the connection's.
    bytes.fill(0);
  }
  return Array.from({ length: count }, (_, n) => n).findIndex((n) => last.recall(head(n), 0) !== undefined);
}

t.test('where each is another, few are remembered', (t) => {
  const remembered = Array.from({ length: 320 }, (_, index) => rememberedOf(index + 1));
  t.same(remembered.slice(0, 4), [0, 0, 2, 3]);
  t.equal(remembered[32], 32);
  t.equal(remembered[319], 288);
  t.equal(new Set(remembered).size, 40, 'nearly each at first, and then each 32nd');
  t.end();
});

const unfit: Readonly<Record<string, readonly [name: string, value: string]>> = {
  'one that sets a cookie': ['Set-Cookie', 'a=secret'],
  'one that sets a cookie in small letters': ['set-cookie', 'a=secret'],
  'a long one': ['X', 'x'.repeat(2_048)],
};
for (const [what, [name, value]] of Object.entries(unfit)) {
  t.test(`${what} is not remembered, and does not displace another`, (t) => {
    const last = new LastHead();
    const bytes = Buffer.from(`${ok}${name}: ${value}\r\n\r\n`);
    const offer = (): void => {
      for (let n = 0; n < 3; n += 1)
        last.remember(bytes, 0, bytes.length, { ...read, fields: ['A', 'b', name, value] });
    };
    offer();
    t.equal(last.recall(bytes, 0), undefined);
    last.remember(head(1), 0, head(1).length, read);
    offer();
    t.equal(last.recall(head(1), 0), read);
    t.end();
  });
}

t.test('what a head went on as is known of the last one only', (t) => {
  const last = new LastHead();
  const sent = { status: 200, reason: 'OK', fields: [] };
  const other = { ...read };
  last.sendAs(read, sent);
  t.equal(last.sentAs(read), undefined, 'none is remembered');
  last.remember(head(1), 0, head(1).length, read);
  last.sendAs(other, sent);
  t.equal(last.sentAs(read), undefined);
  last.sendAs(read, sent);
  t.equal(last.sentAs(read), sent);
  t.equal(last.sentAs(other), undefined);
  for (const n of [2, 3]) last.remember(head(n), 0, head(n).length, other);
  t.equal(last.sentAs(read), undefined);
  t.equal(last.sentAs(other), undefined);
  t.end();
});
