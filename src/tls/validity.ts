import type { X509Certificate } from 'node:crypto';
import { isoTime } from '../iso-time.ts';
import { oneLine } from './distinguished-name.ts';

const day = 24 * 60 * 60 * 1000;

/** Below so many days a certificate's end is told. */
const soon = 30;

/** A certificate for no more days than this is one that something renews all the time: its end is told when two thirds of them are over. */
const shortLived = 3;

/** A certificate of a route and its end: what logs, pages and gauges show. */
export interface CertificateEnd {
  /** `client`: ours. `chain`: one above it. `server`: the upstream's last one. */
  readonly kind: 'client' | 'chain' | 'server';
  /** In one line. */
  readonly subject: string;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** What is kept of a certificate. */
export function endOf(kind: CertificateEnd['kind'], { subject, validFrom, validTo }: X509Certificate): CertificateEnd {
  return { kind, subject: oneLine(subject), notBefore: isoTime(validFrom), notAfter: isoTime(validTo) };
}

/** Whole days from now until a certificate expires; negative if it has expired. */
export function daysLeft(notAfter: string, now = Date.now()): number {
  return Math.floor((Date.parse(notAfter) - now) / day);
}

/**
 * Whether it is time to renew a certificate, if it is not too late.
 *
 * @param now milliseconds since 1970
 */
export function endsSoon(
  { notBefore, notAfter }: Pick<CertificateEnd, 'notBefore' | 'notAfter'>,
  now: number,
): boolean {
  const [from, to] = [Date.parse(notBefore), Date.parse(notAfter)];
  const span = to - from;
  return span <= shortLived * day ? to - now < span / 3 : daysLeft(notAfter, now) < soon;
}

/**
 * What is wrong with a certificate's dates, or will be within 30 days, as a clause with what to do; undefined if nothing.
 *
 * @param now milliseconds since 1970
 */
export function untimely({ validFrom, validTo }: X509Certificate, now = Date.now()): string | undefined {
  const left = daysLeft(validTo, now);
  if (Date.parse(validFrom) > now) {
    return `it is not valid before ${dateOf(validFrom)}; is the clock of this machine right?`;
  }
  if (Date.parse(validTo) < now) return `it expired on ${dateOf(validTo)}; renew it`;
  return endsSoon({ notBefore: validFrom, notAfter: validTo }, now)
    ? `it expires on ${dateOf(validTo)}, in ${left} ${left === 1 ? 'day' : 'days'}; renew it`
    : undefined;
}

/** Year, month and day in UTC. */
export function dateOf(time: string | number): string {
  return isoTime(time).slice(0, 10);
}
