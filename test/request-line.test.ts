import fc from 'fast-check';
import t from 'tap';
import { type RequestLine, requestFieldsOf } from '../src/request-line.ts';
import { byPino } from './fixtures/by-pino.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const number = fc.oneof(fc.nat(), fc.maxSafeNat());

const requestLines: fc.Arbitrary<RequestLine> = fc.record({
  route: maybe(text),
  method: maybe(fc.constantFrom('GET', 'M-SEARCH')),
  path: text,
  status: fc.constantFrom(0, 200, 502, 999),
  ms: number,
  bytesIn: number,
  bytesOut: number,
  reused: fc.boolean(),
  protocol: maybe(fc.constantFrom('TLSv1.3', 'TLSv1')),
  cipher: maybe(text),
  attempts: fc.nat(9),
  replayed: fc.boolean(),
  cause: maybe(fc.constantFrom('tls-version', 'server-fault')),
  detail: maybe(text),
  aborted: maybe(fc.constant(true as const)),
  cut: maybe(fc.constant(true as const)),
});

t.test('the fields of a request are written as by pino', async (t) => {
  fc.assert(
    fc.property(requestLines, (line) => {
      const written = `{"level":30${requestFieldsOf(line)},"msg":"request"}\n`;
      if (written !== byPino(line, 'request')) throw new Error(`${written} instead of ${byPino(line, 'request')}`);
    }),
    { numRuns: 2_000 },
  );
  const line = { path: '/"\ud800', status: 200, ms: 1, bytesIn: 0, bytesOut: 2, reused: true, attempts: 1 };
  const rest = { route: undefined, method: 'GET', protocol: undefined, cipher: undefined, cause: undefined };
  const fields = requestFieldsOf({
    ...line,
    ...rest,
    replayed: false,
    detail: undefined,
    aborted: undefined,
    cut: undefined,
  });
  t.match(JSON.parse(`{"level":30${fields}}`), { path: '/"\ud800' });
});
