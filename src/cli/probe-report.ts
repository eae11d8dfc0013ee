import { alertNames } from '../tls/alerts.ts';
import type { Finding } from '../tls/findings.ts';
import type { ServerCertificate } from '../tls/server-certificate.ts';
import type { Survey } from '../tls/survey.ts';
import type { Handshake, Trial } from '../tls/survey-handshake.ts';
import { paragraph, plain, type Row, renderTable, type Style } from './table.ts';

/** A survey with what was surveyed, and by what. */
export interface Probed extends Survey {
  readonly target: string;
  readonly upstream: string;
  /** `host:port` of the CONNECT proxy on the way. */
  readonly via?: string;
  readonly servername: string;
  readonly node: string;
  readonly openssl: string;
}

/** A handshake in a few words. */
export function labelOf({ version, groups, clientCertificate, resuming }: Trial): string {
  const how = resuming ? ', resuming' : '';
  return `${version}, groups ${groups}${clientCertificate ? ' and our certificate' : ''}${how}`;
}

/** Sets a survey for a person to read: the handshakes, the server's certificates, and the lines to paste. */
export function report(probed: Probed, style: Style): string {
  const { upstream, via, servername, node, openssl, certificates } = probed;
  const name = upstream.startsWith(`${servername}:`) ? '' : ` as ${servername}`;
  const through = via === undefined ? '' : `, through the CONNECT proxy ${via}`;
  const head = `${upstream}${name}${through}, seen from Node ${node} with OpenSSL ${openssl}`;
  const table = renderTable(headings, rowsOf(probed), style);
  return `${plain(head, style)}\n\n${table}${certificates.map((each) => certificate(each, style)).join('')}${paste(probed, style)}`;
}

const headings = ['version', 'groups', 'cipher', 'group', 'ALPN', 'resume', 'client cert'];

/** A row for each full handshake with the route's own credentials; what else was tried is told at its version. */
function rowsOf({ handshakes, versions }: Survey): Row[] {
  const withCertificate = handshakes.some(({ clientCertificate }) => clientCertificate);
  const own = handshakes.filter((each) => !each.resuming && each.clientCertificate === withCertificate);
  const anyGood = own.some(({ protocol }) => protocol !== undefined);
  let before = '';
  return own.map((handshake) => {
    const finding = versions.find(({ version }) => version === handshake.version);
    const further = finding?.groups === handshake.groups ? finding : undefined;
    const others = further === undefined ? [] : handshakes.filter((each) => each.version === handshake.version);
    const note = noteOf(handshake, others);
    const repeated = note === before && handshake.result !== 'confirmed';
    before = note;
    return {
      good: handshake.result === 'confirmed' || (handshake.protocol === undefined && anyGood ? undefined : false),
      cells: cellsOf(handshake, finding, further),
      note: repeated ? 'The same.' : note,
    };
  });
}

function cellsOf(handshake: Handshake, finding: Finding | undefined, further: Finding | undefined): string[] {
  const { version, groups, protocol, opensslCipher = '-', group = '-', alpn } = handshake;
  const offered = groupLabels[groups];
  if (protocol === undefined) return [version, offered, '-', '-', '-', '-', '-'];
  const chosen = alpn === null ? 'none' : (alpn ?? '-');
  const resumption = further === undefined ? '-' : resumptionLabels[further.resumption];
  const asked = finding === undefined ? '-' : certificateLabels[finding.clientCertificate];
  return [version, offered, opensslCipher, group, chosen, resumption, asked];
}

const groupLabels = {
  configured: 'route’s',
  default: 'default',
  classical: 'classical',
  'post-quantum': 'PQ\u00a0only',
};
const resumptionLabels = { resumed: 'yes', full: 'no', 'no-session': 'no', failed: 'fails', unknown: '-' };
const certificateLabels = {
  demanded: 'demanded',
  asked: 'asked\u00a0for',
  'not-asked': 'not\u00a0asked',
  unknown: '?',
};

/** What the cells cannot say: time, faults, and how it went without the certificate and with the session. */
function noteOf(handshake: Handshake, others: readonly Handshake[]): string {
  const { result, version, ms, hint } = handshake;
  const notes: string[] = [];
  if (result === 'confirmed') notes.push(`${ms} ms.`);
  else if (result === 'unverified') notes.push(`Speaks ${version}; certificate: ${hint ?? handshake.code}.`);
  else notes.push(`${capital(tellFailure(handshake))}.`);
  const second = others.find(({ resuming }) => resuming);
  if (second !== undefined && second.result !== 'confirmed') notes.push(`Resuming: ${tellFailure(second)}.`);
  const bare = others.find((each) => !each.clientCertificate && handshake.clientCertificate);
  if (bare?.result === 'confirmed' && bare.certificateRequested)
    notes.push('The handshake also goes through without our certificate; a request may not.');
  if (bare?.result === 'failed') notes.push(`Without our certificate: ${outcomeOf(bare)}.`);
  return notes.join(' ');
}

function tellFailure(handshake: Handshake): string {
  const { hint, protocol, version, groups, outcome, alert } = handshake;
  if (hint !== undefined) return hint;
  if (groups === 'post-quantum') return `does not take the post-quantum group alone (${outcomeOf(handshake)})`;
  if (alert === 70 || outcome === 'version') return `does not speak ${version} (${outcomeOf(handshake)})`;
  return protocol === undefined ? `${outcomeOf(handshake)}, before any certificate was sent` : outcomeOf(handshake);
}

/** How a handshake ended, in the words of the log. */
function outcomeOf({ outcome, alert, code }: Handshake): string {
  if (alert !== undefined) return `alert ${alertNames[alert] ?? alert}`;
  if (outcome === 'reset' || outcome === 'close') return outcome;
  return code ?? outcome;
}

function certificate(found: ServerCertificate & { readonly versions: readonly string[] }, style: Style): string {
  const lines = [
    `${found.subject || '(no name)'}, issued by ${found.issuer === found.subject ? 'itself' : found.issuer}`,
    `Names: ${found.names || 'none'}`,
    capital(expiry(found)),
    ...found.chain.map((above) => `Above it: ${above.subject}, ${expiry(above)}`),
    ...found.wrong.map((wrong) => `Wrong: ${wrong}`),
  ];
  const title = `\nServer certificate (${found.versions.join(', ')})\n`;
  return title + lines.map((line) => paragraph(line, style)).join('');
}

function expiry({ daysLeft, notAfter }: { daysLeft: number; notAfter: string }): string {
  const date = notAfter.slice(0, 10);
  if (daysLeft < 0) return `expired on ${date}, ${days(-daysLeft)} ago`;
  return `expires on ${date}, ${daysLeft === 0 ? 'within a day' : `in ${days(daysLeft)}`}`;
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}

function paste({ pin, handshakes, upstream }: Probed, style: Style): string {
  const { versions, groups, remarks } = pin;
  if (versions.length === 0) {
    const timedOut = handshakes.every(({ outcome }) => outcome === 'timeout');
    const what = timedOut ? 'answered nothing' : 'took part in no handshake';
    return `\n${paragraph(`${upstream} ${what}: there is nothing to pin.`, style, 0)}`;
  }
  const lines = [`versions: [${versions.join(', ')}]`, ...(groups === undefined ? [] : [`groups: "${groups}"`])];
  const notes = remarks.map((remark) => paragraph(remark, style, 0)).join('');
  return `\nFor the route's \`tls\`:\n\n${lines.map((line) => `   ${line}\n`).join('')}${notes === '' ? '' : `\n${notes}`}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
