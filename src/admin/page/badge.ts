import type { HealthState } from '../health.ts';
import { html, Markup } from './markup.ts';

/** What a state is called on the page. */
export const stateNames: Readonly<Record<HealthState, string>> = {
  failing: 'Failing',
  degraded: 'Fallen back',
  certificate: 'Certificate ending',
  unused: 'Not used yet',
  ok: 'OK',
};

/** The shape of a state, so that it is not told by colour alone; drawn in 16 by 16. */
const shapes: Readonly<Record<HealthState, Markup>> = {
  failing: new Markup('<path d="M4.5 4.5l7 7m0-7l-7 7"/>'),
  degraded: new Markup('<path d="M8 3v9m-4-4l4 4 4-4"/>'),
  certificate: new Markup('<path d="M8 4v4.5l3 2"/><circle cx="8" cy="8" r="6.2"/>'),
  unused: new Markup('<circle cx="8" cy="8" r="5" stroke-dasharray="2.4 2.8"/>'),
  ok: new Markup('<path d="M3.5 8.5l3 3 6-7"/>'),
};

/** A state by shape, colour and name. */
export function badge(state: HealthState): Markup {
  return html`<span class="badge ${state}"><svg viewBox="0 0 16 16" aria-hidden="true">${shapes[state]}</svg>${stateNames[state]}</span>`;
}
