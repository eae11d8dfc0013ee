import t from 'tap';
import { oneLine, tellName } from '../../src/tls/distinguished-name.ts';
import { readElement } from '../../src/tls/stores/der.ts';

t.test('a name in DER, attributes without a short name by their number', async (t) => {
  const cn = '310a300806035504030c0141';
  const unknown = '310a300806035504630c0142';
  const valueless = '31073005060355040a';
  const name = (parts: string) =>
    readElement(Buffer.from(`30${(parts.length / 2).toString(16).padStart(2, '0')}${parts}`, 'hex'));
  t.equal(tellName(name(cn + unknown)), 'CN=A, 2.5.4.99=B');
  t.equal(tellName(name(valueless)), 'O=');
  t.equal(tellName(name('')), '');
  t.equal(tellName(name('310a300806035504030c011b')), 'CN=?', 'nothing that a terminal obeys');
});

t.test('Node’s lines as one', async (t) => {
  t.equal(oneLine('CN=a\nO=b'), 'CN=a, O=b');
  t.equal(oneLine(undefined), '');
});
