import t from 'tap';
import { SessionCache } from '../../src/tls/sessions.js';
const text = (session) => session?.toString();
t.test('the newest first, each once, offer by offer', async (t) => {
    const cache = new SessionCache();
    t.equal(cache.take('TLSv1.3'), undefined);
    for (const one of ['a', 'b'])
        cache.put('TLSv1.3', Buffer.from(one));
    cache.put('TLSv1.2', Buffer.from('c'));
    t.same([text(cache.take('TLSv1.3')), text(cache.take('TLSv1.3')), cache.take('TLSv1.3')], ['b', 'a', undefined]);
    t.equal(text(cache.take('TLSv1.2')), 'c');
});
t.test('eight at most: the oldest goes', async (t) => {
    const cache = new SessionCache();
    for (let i = 0; i < 10; i += 1)
        cache.put('x', Buffer.from(`${i}`));
    const taken = [];
    for (let i = 0; i < 9; i += 1)
        taken.push(text(cache.take('x')));
    t.same(taken, ['9', '8', '7', '6', '5', '4', '3', '2', undefined]);
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
//# sourceMappingURL=sessions.test.js.map