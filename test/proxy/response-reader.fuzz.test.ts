import http from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import t from 'tap';
import { type ResponseHead, ResponseReader } from '../../src/proxy/response-reader.ts';

/** Fixed, so that a failure is there again at the next run; another one by `FUZZ_SEED=1 FUZZ_RUNS=100000 TAP_TIMEOUT=600`. */
const { FUZZ_SEED = 20261123, FUZZ_RUNS = 3000 } = process.env;
const seed = Number(FUZZ_SEED);
const numRuns = Number(FUZZ_RUNS);

interface Reading {
  readonly outcome: 'complete' | 'cut' | 'tunnel' | 'refused';
  readonly consumed: number;
  readonly informational: string[];
  readonly head: string;
  readonly body: string;
  readonly trailers: string[];
}

const summary = (version: string, status: number, reason: string, fields: readonly string[]) =>
  JSON.stringify([version, status, reason, fields]);

function ours(pieces: readonly Buffer[], method: string): Reading {
  let head = '';
  let trailers: string[] = [];
  const informational: string[] = [];
  const body: Buffer[] = [];
  const told = (it: ResponseHead) => summary(`1.${it.version}`, it.status, it.reason, it.fields);
  const reader = new ResponseReader({
    informational: (it) => informational.push(told(it)),
    head: (it) => {
      head = told(it);
    },
    body: (chunk) => body.push(chunk),
    end: (it) => {
      trailers = [...it];
    },
  });
  let consumed = 0;
  let outcome: Reading['outcome'];
  try {
    reader.start(method, true);
    for (const piece of pieces) {
      consumed += reader.read(piece);
      if (reader.state === 'idle' || reader.state === 'tunnel') break;
    }
    if (reader.state === 'tunnel') outcome = 'tunnel';
    else outcome = reader.close() ? 'complete' : 'cut';
  } catch {
    outcome = 'refused';
  }
  return { outcome, consumed, informational, head, body: Buffer.concat(body).toString('latin1'), trailers };
}

/** What Node's own client makes of the same bytes, followed by a close. */
function llhttp(bytes: Buffer, method: string): Promise<Reading> {
  return new Promise((resolve) => {
    const informational: string[] = [];
    const body: Buffer[] = [];
    let head = '';
    const settle = (outcome: Reading['outcome'], trailers: string[] = []) => {
      resolve({ outcome, consumed: 0, informational, head, body: Buffer.concat(body).toString('latin1'), trailers });
    };
    const told = (it: http.IncomingMessage) =>
      summary(it.httpVersion, it.statusCode as number, it.statusMessage as string, it.rawHeaders);
    const socket = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const request = http.request({
      method,
      headers: { connection: 'upgrade', upgrade: 'x' },
      createConnection: () => socket as never,
    });
    request.on('information', (it) =>
      informational.push(summary(it.httpVersion, it.statusCode, it.statusMessage, it.rawHeaders)),
    );
    request.on('upgrade', (it) => {
      head = told(it);
      settle('tunnel');
    });
    request.on('response', (it) => {
      head = told(it);
      it.on('data', (chunk) => body.push(chunk));
      it.on('error', () => settle('cut'));
      it.on('close', () => settle('cut'));
      it.on('end', () => settle(it.complete ? 'complete' : 'cut', it.rawTrailers));
    });
    request.on('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNRESET' ? 'cut' : 'refused'));
    // The request closes before a close-delimited response ends: only then is the lack of a head a verdict.
    request.on('close', () => head === '' && settle('cut'));
    request.end();
    if (bytes.length > 0) socket.push(bytes);
    socket.push(null);
  });
}

const octets = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const value = fc.stringMatching(/^([\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/);
const fieldLine = fc
  .tuple(
    token.filter((name) => !/^(content-length|transfer-encoding|connection|upgrade)$/i.test(name)),
    fc.constantFrom('', ' ', '\t', '  '),
    value,
    fc.constantFrom('', ' ', ' \t'),
  )
  .map(([name, before, text, after]) => `${name}:${before}${text}${after}\r\n`);
const fields = fc.array(fieldLine, { maxLength: 5 });
const reason = fc.constantFrom('', 'OK', 'Not Found', 'caf\xe9 \x80');
const connection = fc.constantFrom(
  '',
  'Connection: close\r\n',
  'connection: keep-alive\r\n',
  'Connection: x, Close\r\n',
);
const extension = fc.constantFrom('', ';a', ';a=b', ';a=b;c', ';a="b c"');
const content = octets(0, 40);
const chunk = fc.tuple(octets(1, 40), extension, fc.boolean(), fc.nat(3)).map(([data, ext, upper, zeros]) => {
  const size = '0'.repeat(zeros) + data.length.toString(16);
  return `${upper ? size.toUpperCase() : size}${ext}\r\n${data}\r\n`;
});
const framed = fc.oneof(
  content.map((body) => [`Content-Length: ${body.length}\r\n`, body] as const),
  fc
    .tuple(fc.array(chunk, { maxLength: 4 }), extension, fc.array(fieldLine, { maxLength: 2 }))
    .map(
      ([chunks, ext, trailers]) =>
        ['Transfer-Encoding: chunked\r\n', `${chunks.join('')}0${ext}\r\n${trailers.join('')}\r\n`] as const,
    ),
  content.map((body) => ['', body] as const),
);
const informational = fc
  .tuple(fc.constantFrom(100, 102, 103), fields)
  .map(([status, lines]) => `HTTP/1.1 ${status} Go on\r\n${lines.join('')}\r\n`);
const final = fc
  .tuple(fc.constantFrom(200, 201, 205, 206, 301, 404, 500, 599, 999), reason, fields, connection, framed, fc.nat(5))
  .map(([status, phrase, lines, persistence, [framing, body], place]) => {
    const all = [...lines, persistence];
    all.splice(place, 0, framing);
    return `HTTP/1.1 ${status} ${phrase}\r\n${all.join('')}\r\n${body}`;
  });
const bodiless = fc
  .tuple(fc.constantFrom(204, 304), fields)
  .map(([status, lines]) => `HTTP/1.1 ${status} x\r\n${lines.join('')}\r\n`);
const old = fc
  .tuple(fields, fc.constantFrom('', 'Connection: keep-alive\r\n'), content)
  .map(
    ([lines, persistence, body]) =>
      `HTTP/1.0 200 x\r\n${lines.join('')}${persistence}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
const valid = fc
  .tuple(fc.array(informational, { maxLength: 2 }), fc.oneof({ weight: 4, arbitrary: final }, bodiless, old))
  .map(([before, response]) => before.join('') + response);

/** A place in a response, as a part of its length; not a double, which would be close to 0 nearly always. */
const place = fc.integer({ min: 0, max: 1000 }).map((of) => of / 1001);
/** What breaks parsers: put in, put over, or left out somewhere. */
const poison = fc.oneof(
  fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\0',
    ' ',
    '\t',
    ':',
    ';',
    '=',
    '"',
    '\\',
    ',',
    '+',
    '-',
    '0x',
    '0',
    'F',
    '\x7f',
    '\x80',
    '\xff',
    '\x0b',
    '\x85',
    '\xa0',
  ),
  fc.constantFrom(
    '\r\nContent-Length: 3',
    '\r\nContent-Length: 0',
    '\r\nTransfer-Encoding: chunked',
    '\r\nTransfer-Encoding: identity',
    '\r\nTransfer-Encoding: gzip, chunked',
    '\r\n folded',
    '\r\nUpgrade: x\r\nConnection: upgrade',
    '\r\nConnection: close',
    '0\r\n\r\n',
    '0\r\nA: b\r\n\r\n',
    '1;a=b\r\nX\r\n',
    'HTTP/1.1 101 x\r\n',
    'HTTP/1.1 204 x\r\n',
    'HTTP/1.1 150 x\r\n',
    'HTTP/1.0',
  ),
  octets(1, 3),
);
const mutation = fc.tuple(place, fc.constantFrom(0, 0, 0, 1, 2), poison);
const mutated = fc.tuple(valid, fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([response, mutations]) => {
  let text = response;
  for (const [part, leave, put] of mutations) {
    const at = Math.floor(part * text.length);
    text = text.slice(0, at) + (leave === 2 ? '' : put) + text.slice(at + leave);
  }
  return text;
});

const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST');
/** Where to cut, as parts of the length. */
const places = fc.array(place, { maxLength: 4 });

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const edges = [0, ...at.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
}

/** In two at every byte, at some places, and into single bytes. */
function* cuts(bytes: Buffer, at: readonly number[]): Generator<Buffer[]> {
  yield cut(bytes, at);
  yield Array.from(bytes, (_, n) => bytes.subarray(n, n + 1));
  for (let n = 1; n < bytes.length; n += 1) yield [bytes.subarray(0, n), bytes.subarray(n)];
}

/** Undefined, or how ours is laxer than llhttp, or not the same where both accept. */
async function laxer(text: string, asked: string, at: readonly number[]): Promise<string | undefined> {
  const bytes = Buffer.from(text, 'latin1');
  const own = ours([bytes], asked);
  const expected = JSON.stringify(own);
  for (const pieces of cuts(bytes, at)) {
    const same = ours(pieces, asked);
    // What came of a response that is refused in the end depends on when it was.
    const differs = own.outcome === 'refused' ? same.outcome !== 'refused' : JSON.stringify(same) !== expected;
    if (differs) return `cutting matters: ${expected} but ${JSON.stringify(same)}`;
  }
  if (own.outcome === 'refused') return undefined;
  const node = await llhttp(bytes.subarray(0, own.consumed), asked);
  if (own.outcome === 'cut') {
    return node.outcome === 'complete' || node.outcome === 'tunnel'
      ? `cut, but llhttp: ${JSON.stringify(node)}`
      : undefined;
  }
  const same = JSON.stringify({ ...own, consumed: 0 }) === JSON.stringify(node);
  return same ? undefined : `${JSON.stringify(own)} but llhttp: ${JSON.stringify(node)}`;
}

t.test(`the reader is never laxer than llhttp (seed ${seed}, ${numRuns} runs)`, async (t) => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(mutated, method, places, async (text, asked, at) => {
      const fault = await laxer(text, asked, at);
      if (fault !== undefined) throw new Error(fault);
      if (ours([Buffer.from(text, 'latin1')], asked).outcome !== 'refused') accepted++;
    }),
    { seed, numRuns },
  );
  t.ok(accepted > numRuns / 20, `${accepted} of the mutated responses were still accepted`);
});

t.test('valid responses are accepted, as llhttp accepts them', async (t) => {
  await fc.assert(
    fc.asyncProperty(valid, method, places, async (text, asked, at) => {
      const fault = await laxer(text, asked, at);
      if (fault !== undefined) throw new Error(fault);
      const { outcome } = ours([Buffer.from(text, 'latin1')], asked);
      if (outcome !== 'complete') throw new Error(outcome);
    }),
    { seed, numRuns: numRuns / 3 },
  );
  t.pass();
});

t.test('any bytes at all end in a verdict', async (t) => {
  const anything = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(anything, places, (bytes, at) => {
      const whole = Buffer.from(bytes);
      return ours([whole], 'GET').outcome === ours(cut(whole, at), 'GET').outcome;
    }),
    { seed, numRuns },
  );
  t.pass();
});
