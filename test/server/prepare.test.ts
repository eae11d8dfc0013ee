import t from 'tap';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { makeFolder, soundOf } from '../fixtures/sound.ts';

const pki = await makePki();
const files = pkiFiles(pki);
const tls = { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' };
const route = (name: string, own: object) => ({
  name,
  match: { path: `/${name}` },
  upstream: 'https://127.0.0.1:1',
  tls: own,
});

t.test('credentials are made once for routes with the same, and again only when they are others', async (t) => {
  const folder = await makeFolder(t, files);
  const needless = { ...tls, passphrase: 'of a key that is not encrypted' };
  const config = { listen: '127.0.0.1:0', routes: [route('a', tls), route('b', tls), route('c', needless)] };
  const first = await soundOf(folder, config);
  const [[, a], [, b], [, c]] = first.routes as [
    (typeof first.routes)[0],
    (typeof first.routes)[0],
    (typeof first.routes)[0],
  ];
  t.equal(a, b);
  t.not(a, c);
  const again = await soundOf(folder, config, first.credentials);
  t.equal(again.routes[0]?.[1], a);
  t.equal(again.credentials.size, 1, 'what is warned of is looked at again');
  t.not(again.routes[2]?.[1], c);
});
