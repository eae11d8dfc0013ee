import t from 'tap';
import { admitLength, bodyTooLong } from '../../src/proxy/body-limit.ts';

t.test('a declared length over the limit is refused', async (t) => {
  const told = { code: 'bad-request', status: 413, source: 'downstream', message: /`limits\.body` \(10 bytes\)/ };
  t.throws(() => admitLength(['A', 'b', 'content-length', '11'], 10), told);
  t.throws(() => admitLength(['Content-Length', '9'.repeat(30)], 10), told);
  t.match(bodyTooLong(10), told);
});

t.test('others are not', async (t) => {
  admitLength(['Content-Length', '10', 'X-Content-Lengt', '99', 'Content-Lengts', '99'], 10);
  admitLength(['Transfer-Encoding', 'chunked'], 10);
  admitLength(['Content-Length', '9'.repeat(30)], Number.POSITIVE_INFINITY);
  t.pass();
});
