import { type Attempt, ProxyError } from '../errors.ts';
import { alertNames } from './alerts.ts';
import type { Verdict } from './failure.ts';

/** Puts the end of a ladder into one sentence that says what to change. */
export function explain(
  verdict: Verdict,
  attempts: readonly Attempt[],
  upstream: { readonly hostname: string; readonly port: number },
): ProxyError {
  const where = `${upstream.hostname}:${upstream.port}`;
  const options = { attempts, ...typeOf(verdict) };
  if (verdict.cause === 'tls-version' && verdict.hint === undefined) {
    const tried = attempts.map(tell).join(', ');
    const sentence = `${where} accepted none of what this route may offer (${tried}); add the version it speaks to \`versions\`, if you may`;
    return new ProxyError('tls-version', sentence, options);
  }
  const hint = verdict.hint ?? `the handshake failed (${verdict.code})`;
  return new ProxyError(verdict.cause, `${where}: ${hint}`, options);
}

function tell({ offer, outcome, alert, code }: Attempt): string {
  if (alert === 70 || outcome === 'version')
    return `${offer}: it does not speak that (${alertNames[alert ?? 0] ?? code})`;
  return `${offer}: ${alert === undefined ? outcome : `alert ${alertNames[alert]}`}`;
}

/** RFC 9209 has two types for a refused certificate: an alert, and a connection that just ends. */
function typeOf({ cause, outcome }: Verdict): { error?: string } {
  return cause === 'client-certificate' && outcome !== 'alert' ? { error: 'connection_terminated' } : {};
}
