import { endsSoon } from '../../tls/validity.ts';
import type { CertificateStatus, RouteStatus } from '../status.ts';
import { html, type Markup } from './markup.ts';
import { leftBar } from './plot.ts';
import { many, span } from './words.ts';

const kinds = { client: 'Client', chain: 'Chain', server: 'Server' } as const;

/** A route's certificates, each with what is left of it as a bar and in words. */
export function certificates({ certificates }: RouteStatus, now: string): Markup {
  if (certificates.length === 0) return html`<p class="quiet">None of ours, and the upstream has shown none yet.</p>`;
  return html`<ul class="certificates">${certificates.map((each) => certificate(each, Date.parse(now)))}</ul>`;
}

function certificate(each: CertificateStatus, now: number): Markup {
  const { kind, subject, notBefore, notAfter, daysLeft } = each;
  const [from, to] = [Date.parse(notBefore), Date.parse(notAfter)];
  const left = to - now;
  const state = left <= 0 ? 'over' : endsSoon(each, now) ? 'soon' : 'well';
  const words =
    left <= 0 ? `expired ${span(-left)} ago` : daysLeft > 2 ? `${many(daysLeft, 'day')} left` : `${span(left)} left`;
  return html`<li><span class="kind">${kinds[kind]}</span> <span class="name">${subject}</span> <span class="until ${state}">${words}<span class="quiet">, until <time datetime="${notAfter}">${notAfter.slice(0, 10)}</time></span></span>${leftBar(left / Math.max(to - from, 1), state)}</li>`;
}
