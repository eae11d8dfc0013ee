import t from 'tap';
import { SessionCache } from '../../src/tls/sessions.ts';

const text = (session: Buffer | undefined) => session?.toString();

t.test('the newest first, each once, offer by offer', async (t) => {
  const cache = new SessionCache();
  t.equal(cache.take('TLSv1.3'), undefined);
  for (const one of ['a', 'b']) cache.put('TLSv1.3', Buffer.from(one));
  cache.put('TLSv1.2', Buffer.from('c'));
  t.same([text(cache.take('TLSv1.3')), text(cache.take('TLSv1.3')), cache.take('TLSv1.3')], ['b', 'a', undefined]);
  t.equal(text(cache.take('TLSv1.2')), 'c');
});

t.test('thirty-two at most: the oldest goes', async (t) => {
  const cache = new SessionCache();
  for (let i = 0; i < 34; i += 1) cache.put('x', Buffer.from(`${i}`));
  const taken = Array.from({ length: 33 }, () => text(cache.take('x')));
  t.same(taken, [...Array.from({ length: 32 }, (_, i) => `${33 - i}`), undefined]);
});

t.test('dropped after a failure, that offer alone', async (t) => {
  const cache = new SessionCache();
  cache.put('x', Buffer.from('1'));
  cache.put('y', Buffer.from('2'));
  cache.drop('x');
  t.equal(cache.take('x'), undefined);
  t.equal(text(cache.take('y')), '2');
});

t.test('none outlives the certificate that it goes back to', async (t) => {
  let now = 1_000;
  const cache = new SessionCache(() => now);
  cache.verified('x', 2_000);
  cache.put('x', Buffer.from('1'));
  cache.put('x', Buffer.from('2'));
  cache.put('y', Buffer.from('3'));
  t.equal(text(cache.take('x')), '2');
  now = 2_000;
  t.equal(cache.take('x'), undefined);
  t.equal(text(cache.take('y')), '3');
});

t.test('without the certificate, which would be read again for each connection', async (t) => {
  const cache = new SessionCache();
  const [begins, certificate] = [Buffer.from('02010102020304', 'hex'), Buffer.alloc(300, 1)];
  const peer = Buffer.concat([Buffer.from('a382012c', 'hex'), certificate]);
  cache.put('x', Buffer.concat([Buffer.from('30820137', 'hex'), begins, peer]));
  t.same(cache.take('x'), Buffer.concat([Buffer.from('3007', 'hex'), begins]));
});
