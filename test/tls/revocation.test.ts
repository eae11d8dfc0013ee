import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { pemBlocks } from '../../src/tls/pem.ts';
import { isIssuer, readRevocationList } from '../../src/tls/revocation.ts';
import { makeAuthority } from '../fixtures/pki.ts';

const ca = await makeAuthority({ name: 'CA' });
const other = await makeAuthority({ name: 'Other' });
const der = (pem: string): Buffer => pemBlocks(pem)[0]?.der as Buffer;

/** A value in DER: tag, length (one byte) and content. */
const value = (tag: number, ...content: readonly (Buffer | string)[]): Buffer => {
  const inside = Buffer.concat(content.map((each) => (typeof each === 'string' ? Buffer.from(each) : each)));
  return Buffer.concat([Buffer.from([tag, inside.length]), inside]);
};
const algorithm = value(0x30);
const time = (text: string): Buffer => value(text.length === 13 ? 0x17 : 0x18, text);
const list = (...fields: readonly Buffer[]): Buffer => value(0x30, value(0x30, ...fields), algorithm);

t.test('issuer and dates', async (t) => {
  const thisUpdate = new Date('2026-02-03T04:05:06Z');
  const nextUpdate = new Date('2055-02-03T04:05:06Z');
  const read = readRevocationList(der(await ca.revoke([], { thisUpdate, nextUpdate })));
  t.match(read, { issuerName: 'CN=CA', thisUpdate: Number(thisUpdate), nextUpdate: Number(nextUpdate) });
  t.equal(isIssuer(new X509Certificate(ca.cert), read), true);
  t.equal(isIssuer(new X509Certificate(other.cert), read), false);
});

t.test('the oldest forms', async (t) => {
  const read = readRevocationList(list(algorithm, value(0x30), time('700101000000Z')));
  t.match(read, { issuerName: '', thisUpdate: 0, nextUpdate: Number.POSITIVE_INFINITY });
  const dated = readRevocationList(list(algorithm, value(0x30), time('491231235959Z'), time('20500101000000Z')));
  t.match(dated, { thisUpdate: Date.UTC(2049, 11, 31, 23, 59, 59), nextUpdate: Date.UTC(2050, 0, 1) });
});

t.test('an issuer of a version 1 certificate', async (t) => {
  const fields = [value(0x02, '\x01'), algorithm, value(0x30), value(0x30), value(0x30, 'name')];
  const raw = value(0x30, value(0x30, ...fields));
  const issuer = value(0x30, 'name');
  const read = { issuer, issuerName: '', thisUpdate: 0, nextUpdate: 0 };
  t.equal(isIssuer({ raw } as X509Certificate, read), true);
});

t.test('what is no revocation list', async (t) => {
  const wrong: Readonly<Record<string, Buffer>> = {
    nothing: Buffer.alloc(0),
    'a certificate': new X509Certificate(ca.cert).raw,
    'no time': list(algorithm, value(0x30)),
    'no fields': list(),
    'a bad time': list(algorithm, value(0x30), time('7001010000ZZZ')),
    'cut short': der(await ca.revoke([])).subarray(0, 60),
  };
  for (const [name, bytes] of Object.entries(wrong)) t.throws(() => readRevocationList(bytes), name);
});
