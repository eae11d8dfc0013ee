import fc from 'fast-check';
import t from 'tap';
import { type HandshakeLine, handshakeFieldsOf } from '../src/handshake-line.ts';
import { byPino } from './fixtures/by-pino.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

const worked = fc.record({ offer: text, outcome: fc.constant('ok' as const), ms: fc.nat() });
const failed = fc.record(
  { offer: text, outcome: fc.constantFrom('reset', 'alert'), code: text, alert: fc.nat(255), ms: fc.nat() },
  { requiredKeys: ['offer', 'outcome', 'code', 'ms'] },
);

const handshakeLines: fc.Arbitrary<HandshakeLine> = fc.record({
  route: text,
  upstream: text,
  protocol: fc.constantFrom('TLSv1.3', 'TLSv1'),
  cipher: text,
  group: text,
  resumed: fc.boolean(),
  offer: text,
  attempts: fc.oneof(
    worked.map((only) => [only]),
    fc.array(fc.oneof(worked, failed), { maxLength: 4 }),
  ),
  ms: fc.nat(),
});

t.test('the fields of a handshake are written as by pino', async (t) => {
  fc.assert(
    fc.property(handshakeLines, (line) => {
      const written = `{"level":30${handshakeFieldsOf(line)},"msg":"handshake"}\n`;
      if (written !== byPino(line, 'handshake')) throw new Error(`${written} instead of ${byPino(line, 'handshake')}`);
    }),
    { numRuns: 2_000 },
  );
  const attempts = [{ offer: 'TLSv1.3', outcome: 'ok', ms: 3 }] as const;
  const names = { route: 'a', upstream: 'b:1', protocol: 'TLSv1.3', cipher: 'c', group: '', offer: 'TLSv1.3' };
  const line = { ...names, resumed: true, attempts, ms: 4 };
  t.same(JSON.parse(`{"level":30${handshakeFieldsOf(line)}}`), { level: 30, ...line });
});
