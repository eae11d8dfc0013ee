import fc from 'fast-check';
import t from 'tap';
import { ReplyReader } from '../../src/tls/connect-reply.ts';

/** Pieces of replies, right and wrong ones, so that what is put together comes near to being one. */
const piece = fc.oneof(
  fc.constantFrom('HTTP/1.1 ', 'HTTP/1.0 ', '200', '100', '407', ' OK', '\r\n', '\r\n\r\n', '\n', '\r', 'A: b', ':'),
  fc.constantFrom('Proxy-Authenticate: Basic realm="x"', 'X-Squid-Error: ERR_X 0', 'x'.repeat(5_000), '\x15\x03', '\0'),
  fc.string({ maxLength: 3 }),
);

const text = fc
  .tuple(
    fc.constantFrom('', 'HTTP/1.1 200 OK', 'HTTP/1.1 100\r\n\r\nHTTP/1.1 407 No'),
    fc.array(piece, { maxLength: 12 }),
  )
  .map(([beginning, rest]) => Buffer.from(beginning + rest.join(''), 'latin1'));

/** What is read of bytes that come in pieces of so many. */
function read(bytes: Buffer, size: number): ReturnType<ReplyReader['add']> {
  const reader = new ReplyReader();
  let found: ReturnType<ReplyReader['add']>;
  for (let at = 0; at < bytes.length && found === undefined; at += size) {
    found = reader.add(bytes.subarray(at, at + size));
  }
  return found;
}

t.test('whatever comes, it is the same in any pieces, and nothing is thrown', async (t) => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9_000 }), (bytes, size) => {
      const [whole, pieces] = [read(bytes, Infinity), read(bytes, size)];
      // Only what was read together with the head can be seen to follow it.
      if (whole === 'trailing' && typeof pieces === 'object') return pieces.status >= 200 && pieces.status < 300;
      return JSON.stringify(whole) === JSON.stringify(pieces);
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});
