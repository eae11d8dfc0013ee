import { documentation, failures } from '../errors.ts';
import type { LiveRoute } from '../proxy/task.ts';
import type { RouteStats } from '../stats/route-stats.ts';
import type { Lowered } from '../tls/ladder-view.ts';
import { type CertificateEnd, dateOf, daysLeft, endsSoon } from '../tls/validity.ts';

/** How a route does, the worst first. */
export const healthStates = ['failing', 'degraded', 'certificate', 'unused', 'ok'] as const;

/**
 * `failing`: the last request failed, or our certificate has expired. `degraded`: fallen back to a lower offer.
 * `certificate`: one ends soon, or has ended. `unused`: nothing has come yet, or since it
 * was configured anew.
 */
export type HealthState = (typeof healthStates)[number];

/** Something to know about a route, with what to do about it. */
export interface Finding {
  readonly state: Exclude<HealthState, 'ok'>;
  /** What is the matter. */
  readonly text: string;
  /** What to do next. */
  readonly next: string;
  /** Where to read more. */
  readonly help: string;
}

/** A route's health: its worst finding's state, and all of them in that order. */
export interface Health {
  readonly state: HealthState;
  readonly findings: readonly Finding[];
}

/** Judges a route. @param now milliseconds of the epoch */
export function judgeHealth({ settings, upstream }: LiveRoute, stats: RouteStats, now: number): Health {
  const findings: Finding[] = [];
  const { lastFailure } = stats;
  if (stats.failing && lastFailure !== undefined) {
    const { cause, status, detail } = lastFailure;
    findings.push({
      state: 'failing',
      text: `The last request failed (${cause}, ${status}): ${failures[cause].title.replace(/^[A-Z](?![A-Z])/, (first) => first.toLowerCase())}.`,
      next: sentence(
        detail?.replace(`${upstream.name}: `, '') ??
          'look at its line in the log, which has the exception, and report it',
      ),
      help: `${documentation}problems.md#${cause}`,
    });
  }
  const { lowered, offers } = upstream.ladder;
  if (lowered !== undefined) findings.push(fallenBack(lowered, offers, settings.name));
  for (const certificate of upstream.certificates) {
    if (!endsSoon(certificate, now)) continue;
    findings.push(ending(certificate, { file: fileOf(settings.tls), host: upstream.name, now }));
  }
  if (findings.length === 0 && !stats.used) {
    findings.push({
      state: 'unused',
      text: 'Nothing has come to this route since the start, or since its settings or files changed.',
      next: `See whether it works: \`mtls-proxy probe ${settings.name}\`.`,
      help: `${documentation}probe.md`,
    });
  }
  findings.sort((a, b) => healthStates.indexOf(a.state) - healthStates.indexOf(b.state));
  return { state: findings[0]?.state ?? 'ok', findings };
}

function fallenBack({ index, first, sentinel }: Lowered, offers: readonly string[], route: string): Finding {
  const [top = '', now = ''] = [offers[0], offers[index]];
  if (sentinel !== undefined) {
    return {
      state: 'degraded',
      text: `Fallen back from ${top} to ${now}, though the upstream says that it speaks ${sentinel}: something on the way keeps it from being spoken, and may be an attacker.`,
      next: 'Look for what resets the connection on the path (a firewall, an inspecting proxy). `downgrade: refuse` fails rather than speak less.',
      help: `${documentation}ladder.md#the-downgrade-sentinel`,
    };
  }
  const how = first.code === undefined ? first.outcome : `${first.outcome}, ${first.code}`;
  const pin = now.endsWith('/classical')
    ? 'If that stays so, something between stumbles over the long ClientHello of post-quantum groups: set `groups: "X25519:P-256:P-384"`'
    : `If the upstream speaks nothing better, pin it: \`versions: [${now.split('+').join(', ')}]\``;
  return {
    state: 'degraded',
    text: `Fallen back from ${top} to ${now}, because the first offer failed (${how}).`,
    next: `${pin}; \`mtls-proxy probe ${route}\` tells. If it should speak better, ask its operator what resets the connection.`,
    help: `${documentation}ladder.md`,
  };
}

const whose = {
  client: 'Our client certificate',
  chain: 'A certificate above ours',
  server: "The upstream's certificate",
};

function ending(
  { kind, subject, notAfter }: CertificateEnd,
  { file, host, now }: { readonly file: string; readonly host: string; readonly now: number },
): Finding {
  const over = Date.parse(notAfter) <= now;
  const left = daysLeft(notAfter, now);
  const when = over
    ? `expired on ${dateOf(notAfter)}`
    : `ends on ${dateOf(notAfter)}, ${left === 0 ? 'in less than a day' : left === 1 ? 'in 1 day' : `in ${left} days`}`;
  return {
    // Without a valid one of ours the proxy is not ready either.
    state: over && kind === 'client' ? 'failing' : 'certificate',
    text: `${whose[kind]} (${subject}) ${when}.`,
    next:
      kind === 'server'
        ? `Ask the operator of ${host} to renew it: ${over ? 'no handshake succeeds' : 'from that day on no handshake succeeds'}.`
        : `Renew it, and put the new one into \`${file}\`.`,
    help: `${documentation}credentials.md`,
  };
}

function fileOf({ cert, pfx, keystore }: LiveRoute['settings']['tls']): string {
  return cert ?? pfx ?? keystore?.file ?? 'its file';
}

/** Begins with a capital, unless with a name such as `host:443`, and ends with a full stop. */
function sentence(text: string): string {
  return `${/^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text}${/[.?!]$/.test(text) ? '' : '.'}`;
}
