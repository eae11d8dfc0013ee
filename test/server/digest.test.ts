import t from 'tap';
import { digestOfSettings } from '../../src/server/digest.ts';

const nothing = new Map<string, string>();
const base = { name: 'a', tls: { cert: '/c.pem', passphrase: 'x', versions: ['1', '2'] }, body: Infinity };

t.test('the same settings, whatever the order of their keys', async (t) => {
  const { name, body } = base;
  const other = { body, tls: { versions: ['1', '2'], passphrase: 'x', cert: '/c.pem' }, name };
  t.equal(digestOfSettings(other, nothing), digestOfSettings(base, nothing));
});

t.test('any value, the order of a list, and what is in a file, make others', async (t) => {
  const { tls } = base;
  const others = [
    { ...base, name: 'b' },
    { ...base, body: 1 },
    { ...base, body: null },
    { ...base, body: '1' },
    { ...base, more: true },
    { ...base, tls: { ...tls, passphrase: 'y' } },
    { ...base, tls: { ...tls, versions: ['2', '1'] } },
    { ...base, tls: { ...tls, versions: ['1'] } },
  ].map((settings) => digestOfSettings(settings, nothing));
  const found = ['one', 'two'].map((content) => digestOfSettings(base, new Map([['/c.pem', content]])));
  const all = [digestOfSettings(base, nothing), ...others, ...found];
  t.equal(new Set(all).size, all.length);
  t.equal(digestOfSettings(base, new Map([['/other', 'x']])), all[0], 'of files that it does not name nothing counts');
});
