import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { dateOf, daysLeft, endOf, endsSoon, untimely } from '../../src/tls/validity.ts';
import { selfSigned } from '../fixtures/pki.ts';

const notBefore = new Date('2026-01-01T00:00:00Z');
const notAfter = new Date('2026-03-01T12:00:00Z');
const certificate = new X509Certificate((await selfSigned({ name: 'dated', notBefore, notAfter })).cert);

t.test('days are whole ones, rounded down', async (t) => {
  const now = Date.parse('2026-01-10T12:00:00Z');
  t.equal(daysLeft('Jan 11 12:00:00 2026 GMT', now), 1);
  t.equal(daysLeft('Jan 11 11:59:59 2026 GMT', now), 0);
  t.equal(daysLeft('Jan 10 11:59:59 2026 GMT', now), -1);
});

t.test('what is wrong with dates', async (t) => {
  const on = (date: string) => untimely(certificate, Date.parse(date));
  t.equal(on('2025-12-31T23:59:59Z'), 'it is not valid before 2026-01-01; is the clock of this machine right?');
  t.equal(on('2026-01-01T00:00:00Z'), undefined);
  t.equal(on('2026-01-30T12:00:00Z'), undefined, '30 days');
  t.equal(on('2026-01-30T12:00:01Z'), 'it expires on 2026-03-01, in 29 days; renew it');
  t.equal(on('2026-02-28T12:00:00Z'), 'it expires on 2026-03-01, in 1 day; renew it');
  t.equal(on('2026-03-01T11:00:00Z'), 'it expires on 2026-03-01, in 0 days; renew it');
  t.equal(on('2026-03-01T12:00:01Z'), 'it expired on 2026-03-01; renew it');
  t.match(untimely(certificate), /expire/);
});

t.test('the end of a certificate, to be shown', async (t) => {
  t.same(endOf('client', certificate), {
    kind: 'client',
    subject: 'CN=dated',
    notBefore: '2026-01-01T00:00:00.000Z',
    notAfter: '2026-03-01T12:00:00.000Z',
  });
  t.equal(dateOf(0), '1970-01-01');
});

t.test(
  'a certificate for a day or two ends soon when two thirds of it are over, any other 30 days before',
  async (t) => {
    const soon = (from: string, to: string, now: string) =>
      endsSoon({ notBefore: from, notAfter: to }, Date.parse(now));
    const day = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'] as const;
    t.equal(soon(...day, '2026-01-01T16:00:00Z'), false);
    t.equal(soon(...day, '2026-01-01T16:00:01Z'), true);
    t.equal(soon(...day, '2026-01-03T00:00:00Z'), true, 'and when it has ended');
    const week = ['2026-01-01T00:00:00Z', '2026-01-08T00:00:00Z'] as const;
    t.equal(soon(...week, '2026-01-01T00:00:01Z'), true);
    const quarter = ['2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z'] as const;
    t.equal(soon(...quarter, '2026-03-02T00:00:00Z'), false);
    t.equal(soon(...quarter, '2026-03-02T00:00:01Z'), true);
  },
);
