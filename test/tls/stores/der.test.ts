import t from 'tap';
import {
  algorithmOf,
  childrenOf,
  contentOf,
  numberOf,
  octetsOf,
  oidOf,
  readElement,
  tags,
} from '../../../src/tls/stores/der.ts';
import { ber, der, integer, octets, oid, sequence } from '../../fixtures/der.ts';
import { refuses } from '../../fixtures/stores.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

t.test('an element is its tag, its content and its octets, and what follows is left alone', async (t) => {
  t.same(readElement(hex('0402abcdff')), { tag: 4, content: hex('abcd'), bytes: hex('0402abcd') });
  for (const length of [127, 128, 255, 256, 65_536]) {
    t.equal(readElement(octets(Buffer.alloc(length))).content.length, length, `${length} octets`);
  }
});

t.test('an element without a counted length ends where two zero octets say so', async (t) => {
  const inner = ber(0x24, octets(hex('01')), octets(hex('0203')));
  const outer = readElement(Buffer.concat([ber(0x30, inner, integer(3)), hex('ff')]));
  const [first, second] = childrenOf(outer, tags.sequence);
  t.same(octetsOf(first), hex('010203'));
  t.equal(numberOf(second), 3);
});

t.test('what is cut short or impossible is damage', async (t) => {
  const wrong: Record<string, string> = {
    nothing: '',
    'a tag alone': '04',
    'a tag of several octets': '1f8101',
    'more length octets than four': '04850000000001',
    'length octets cut short': '048201',
    'a content cut short': '040301ab',
    'a length of two billion': '04847fffffff',
    'an end that never comes': '30800401aa',
    'half an end': '308000',
    'an uncounted length of what has no parts': '0480aa0000',
  };
  for (const [name, text] of Object.entries(wrong))
    refuses(t, () => readElement(hex(text)), 'damaged', /is damaged/, name);
});

t.test('how deep elements nest is bounded', async (t) => {
  const deep = (depth: number, wrap: (inner: Buffer) => Buffer): Buffer => {
    let bytes = octets(hex('aa'));
    for (let level = 0; level < depth; level++) bytes = wrap(bytes);
    return bytes;
  };
  t.equal(readElement(deep(32, (inner) => ber(0x30, inner))).tag, 0x30);
  refuses(t, () => readElement(deep(33, (inner) => ber(0x30, inner))), 'damaged', /impossible length/);
  t.same(octetsOf(readElement(deep(32, (inner) => der(0x24, inner)))), hex('aa'));
  refuses(t, () => octetsOf(readElement(deep(33, (inner) => der(0x24, inner)))), 'damaged', /too deep/);
  refuses(t, () => readElement(Buffer.alloc(1 << 20, hex('3080'))), 'damaged', /impossible length/);
});

t.test('how many parts an element has is bounded', async (t) => {
  const many = (count: number) => readElement(sequence(Buffer.alloc(2 * count, hex('0500'))));
  t.equal(childrenOf(many(10_000), tags.sequence).length, 10_000);
  refuses(t, () => childrenOf(many(10_001), tags.sequence), 'damaged', /too many/);
});

t.test('an element that is missing or another one is damage', async (t) => {
  refuses(t, () => contentOf(undefined, tags.octets), 'damaged', /missing/);
  refuses(t, () => octetsOf(readElement(integer(1))), 'damaged', /missing/);
  refuses(t, () => octetsOf(readElement(der(0x24, integer(1)))), 'damaged', /missing/);
  refuses(t, () => childrenOf(readElement(integer(1)), tags.sequence), 'damaged', /missing/);
});

t.test('a whole number', async (t) => {
  for (const value of [0, 1, 127, 128, 255, 2048, 2 ** 31, 2 ** 48 - 1])
    t.equal(numberOf(readElement(integer(value))), value);
  t.equal(numberOf(readElement(hex('02090000000000000000ff'))), 255, 'zeros in front');
  t.equal(numberOf(readElement(hex('020701000000000000'))), Number.POSITIVE_INFINITY);
  refuses(t, () => numberOf(readElement(hex('0200'))), 'damaged', /number/);
  refuses(t, () => numberOf(readElement(hex('0201ff'))), 'damaged', /below 0/);
});

t.test('an object identifier', async (t) => {
  for (const dotted of ['1.2.840.113549.1.12.10.1.3', '0.9.2342', '2.16.840.1.101.3.4.1.42', '2.999.3']) {
    t.equal(oidOf(readElement(oid(dotted))), dotted);
  }
  t.equal(oidOf(readElement(hex('060b69ffffffffffffffffff7f'))), '2.25.1180591620717411303423', 'arcs of any size');
  refuses(t, () => oidOf(readElement(hex('0600'))), 'damaged', /identifier/, 'empty');
  refuses(t, () => oidOf(readElement(hex('06022a86'))), 'damaged', /identifier/, 'cut short');
  refuses(t, () => oidOf(readElement(der(6, Buffer.alloc(65, 1)))), 'damaged', /identifier/, 'endless');
});

t.test('an algorithm has parameters or none', async (t) => {
  t.same(algorithmOf(readElement(sequence(oid('1.2.3')))), { oid: '1.2.3', parameters: undefined });
  t.match(algorithmOf(readElement(sequence(oid('1.2.3'), integer(1)))), { oid: '1.2.3', parameters: { tag: 2 } });
});
