import type { Attempt } from '../../errors.ts';
import type { HandshakeStatus, RouteStatus } from '../status.ts';
import { html, type Markup } from './markup.ts';
import { duration, moment } from './words.ts';

/** A route's offers in order, with what is known of them and why. */
export function ladder({ ladder: { offers, remembered, lowered } }: RouteStatus, now: string): Markup {
  const steps = offers.map((offer) => {
    const isRemembered = remembered?.offer === offer;
    return html`<li class="${isRemembered && 'current'}"><span class="name">${offer}</span>${isRemembered && html` <span class="mark ${remembered.provisional && 'provisional'}">${remembered.provisional ? 'in use for now' : 'in use'}</span>`}</li>`;
  });
  return html`<ol class="ladder">${steps}</ol>${known(remembered, now)}${lowered !== null && why(lowered, now)}`;
}

function known(remembered: RouteStatus['ladder']['remembered'], now: string): Markup | false {
  if (remembered === null)
    return html`<p class="quiet">Nothing is remembered; the next connection begins at the top.</p>`;
  return remembered.until !== null && html`<p>Forgotten ${moment(remembered.until, now)}.</p>`;
}

function why({ since, failed, retry }: NonNullable<RouteStatus['ladder']['lowered']>, now: string): Markup {
  const next = retry === null ? 'not tried again by themselves' : html`tried again ${moment(retry, now)}`;
  return html`<p>Fallen back ${moment(since, now)}, when ${failed.offer} ended by ${outcome(failed)}. Higher offers are ${next}.</p>`;
}

/** The last handshakes, newest first, each with its attempts; opened by who wants to see them. */
export function handshakes({ name, handshakes }: RouteStatus, now: string): Markup {
  if (handshakes.length === 0) return html`<p class="quiet">No handshake yet</p>`;
  return html`<details id="handshakes-${name}"><summary>Last ${handshakes.length === 1 ? 'handshake' : `${handshakes.length} handshakes`}</summary>
<table class="handshakes">
<thead><tr><th scope="col">When</th><th scope="col">Result</th><th scope="col">Attempts</th></tr></thead>
<tbody>${handshakes.map((each) => handshake(each, now))}</tbody>
</table></details>`;
}

function handshake(each: HandshakeStatus, now: string): Markup {
  const { at, ms, attempts } = each;
  return html`<tr><td>${moment(at, now)}</td><td>${result(each)}${attempts.length > 1 && html` <span class="quiet">${duration(ms)} in all</span>`}</td><td><ol>${attempts.map(attempt)}</ol></td></tr>`;
}

function attempt(each: Attempt): Markup {
  return html`<li><span class="name">${each.offer}</span> ${outcome(each)} <span class="quiet">${duration(each.ms)}</span></li>`;
}

function result({ purpose, result, protocol, cipher, group, resumed, cause }: HandshakeStatus): Markup {
  if (result === 'abandoned') return html`Given up by the client`;
  const details = [cipher, group, resumed === true && 'resumed'].filter(Boolean).join(', ');
  const negotiated = protocol !== null && html`<strong>${protocol}</strong> <span class="quiet">${details}</span>`;
  if (purpose === 'trial')
    return html`${negotiated} <span class="quiet">Trial in the background${result === 'failed' && ': failed'}</span>`;
  if (result === 'ok') return html`${negotiated}`;
  return html`<span class="bad">Failed</span> (${cause ?? 'unknown'}${protocol !== null && html`, after the handshake`}) ${negotiated}`;
}

/** How an attempt ended, with the code that people search for. */
function outcome({ outcome, code, alert }: Attempt): string {
  const details = [alert !== undefined && `alert ${alert}`, code].filter(Boolean);
  return details.length === 0 ? outcome : `${outcome} (${details.join(', ')})`;
}
