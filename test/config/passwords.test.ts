import t from 'tap';
import { withoutPasswords } from '../../src/config/passwords.ts';
import { loadText, withRoute } from './load-text.ts';

t.test('what opens keys and stores is gone, all else stays', async (t) => {
  const load = (tls: string) => {
    const [route] = loadText(t, withRoute(tls), { P: 'hunter2' }).config?.routes ?? [];
    if (route === undefined) throw new Error('no route');
    return { route, without: withoutPasswords(route) };
  };
  const stores = load(
    'tls: { keystore: { file: a.pem, alias: x, password: { env: P }, keyPassword: { env: P } }, truststore: { file: b.pem, password: { env: P } } }',
  );
  t.match(stores.route.tls, {
    keystore: { password: 'hunter2', keyPassword: 'hunter2' },
    truststore: { password: 'hunter2' },
  });
  t.notMatch(JSON.stringify(stores.without), /hunter2/);
  t.match(stores.without.tls, { keystore: { file: /a\.pem$/, alias: 'x' }, truststore: { file: /b\.pem$/ } });
  const key = load('tls: { cert: a.pem, key: b.pem, passphrase: { env: P } }');
  const { passphrase, ...rest } = key.route.tls;
  t.equal(passphrase, 'hunter2');
  t.same(key.without, { ...key.route, tls: rest });
});
