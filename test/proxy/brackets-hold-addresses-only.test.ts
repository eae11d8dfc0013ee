import t from 'tap';
import { hostOf } from '../../src/proxy/router.ts';

t.test('E1 RFC 3986 section 3.2.2: brackets make no other name of a host', async (t) => {
  for (const none of ['[localhost]', '[localhost]:80', '[127.0.0.1]', '[]', '[::1', '[[::1]]'])
    t.equal(hostOf(none), '', none);
  t.equal(hostOf('[::1]:80'), '::1');
  t.equal(hostOf('[2001:DB8::1]'), '2001:db8::1');
});
