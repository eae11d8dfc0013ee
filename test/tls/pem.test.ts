import t from 'tap';
import { pemBlocks, textOf } from '../../src/tls/pem.ts';
import { encryptKey, makeAuthority } from '../fixtures/pki.ts';

const first = await makeAuthority({ name: 'First' });
const crl = await first.revoke([]);

t.test('blocks among anything, in order', async (t) => {
  t.same(pemBlocks('nothing'), []);
  t.same(pemBlocks('-----BEGIN X-----\nno end'), []);
  const blocks = pemBlocks(`# a comment\n${first.cert}Bag Attributes: none\n${crl}`);
  t.same(
    blocks.map(({ label, text }) => [label, text]),
    [
      ['CERTIFICATE', first.cert],
      ['X509 CRL', crl],
    ],
  );
  t.equal(blocks[0]?.der.toString('base64'), first.cert.replace(/-----[^-]+-----|\n/g, ''));
});

t.test('a block ends at the next end of its label, and what it holds begins none', async (t) => {
  const line = (word: string, label: string) => `-----${word} ${label}-----\n`;
  const labels = (...lines: readonly string[]) =>
    pemBlocks(lines.join('AAAA\n')).map(({ label, text }) => [label, text.length]);
  const whole = `${line('BEGIN', 'A')}AAAA\n${line('END', 'A')}`.length;
  t.same(labels(line('BEGIN', 'A'), line('END', 'A'), line('BEGIN', 'A'), line('END', 'A')).length, 2);
  t.same(labels(line('BEGIN', 'B'), line('BEGIN', 'A'), line('END', 'A')), [['A', whole]], 'the first has no end');
  t.same(labels(line('BEGIN', 'A'), line('END', 'B'), line('END', 'A')), [['A', whole + line('END', 'B').length + 5]]);
  t.match(labels(line('BEGIN', 'A'), line('BEGIN', 'B'), line('END', 'B'), line('END', 'A')), [['A', Number]]);
  t.match(labels(line('BEGIN', 'A'), line('BEGIN', 'A'), line('END', 'A')), [['A', Number]], 'the first was cut');
});

t.test('a file of nothing but beginnings, of one label or of many, takes no time', async (t) => {
  t.same(pemBlocks('-----BEGIN CERTIFICATE-----\n'.repeat(200_000)), []);
  t.same(pemBlocks(Array.from({ length: 200_000 }, (_, index) => `-----BEGIN ${index}-----\n`).join('')), []);
});

t.test('lines may end as they like', async (t) => {
  for (const end of ['\r\n', '\r']) {
    const [block] = pemBlocks(first.cert.replaceAll('\n', end));
    t.equal(block?.text, first.cert);
  }
});

t.test('headers are no part of what the base64 holds', async (t) => {
  const sealed = encryptKey(first.key, 'x', 'traditional-aes256');
  const body = sealed.split('\n').slice(4, -2).join('');
  t.equal(pemBlocks(sealed)[0]?.der.toString('base64'), body);
  t.equal(pemBlocks(sealed.replaceAll('\n', '\r\n'))[0]?.der.toString('base64'), body);
});

t.test('the text of a file in any of the encodings that editors write', async (t) => {
  const little = Buffer.from('\uFEFFé', 'utf16le');
  t.equal(textOf(little), 'é');
  t.equal(textOf(Buffer.from(little).swap16()), 'é');
  t.equal(textOf(Buffer.from([0xfe, 0xff, 0, 0x41, 0])), 'A', 'half a letter at the end');
  t.equal(textOf(Buffer.from('\uFEFFa')), '\xef\xbb\xbfa', 'a byte order mark of UTF-8 stands before the first block');
});
