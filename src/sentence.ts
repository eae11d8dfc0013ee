import { stripVTControlCharacters } from 'node:util';
import type { Attempt } from './errors.ts';

/** A line of the log as an object: what the messages carry, see docs/log.md. */
export type Line = Readonly<Record<string, unknown>>;

/** How parts of a sentence stand out. */
export interface Paint {
  readonly name: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly quiet: (text: string) => string;
}

const same = (text: string): string => text;

/** No colours. */
export const unpainted: Paint = { name: same, good: same, bad: same, quiet: same };

const with16 = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;

/** The colours that every terminal has. */
export const painted: Paint = { name: with16(1), good: with16(32), bad: with16(31), quiet: with16(2) };

/**
 * A log line in words, for a person at a terminal: one line, but for problems and exceptions, which have lines of their own.
 * Nothing that comes from outside can move the cursor or change colours.
 */
export function sentenceOf(line: Line, paint: Paint = unpainted): string {
  const message = shown(line['msg']);
  const known = Object.hasOwn(sentences, message) ? sentences[message] : undefined;
  const words = known !== undefined && known.needs in line ? known.tell(line, paint) : undefined;
  const err = line['err'] as { readonly stack?: unknown; readonly message?: unknown } | undefined;
  const fault = err === undefined ? '' : lines([err.stack ?? err.message], paint);
  return `${words ?? rest(message, line)}${fault}`;
}

interface Sentence {
  /** The field without which there is nothing to tell. */
  readonly needs: string;
  readonly tell: (line: Line, paint: Paint) => string;
}

/** One for each message of the fixed set. */
const sentences: Readonly<Record<string, Sentence>> = {
  listening: {
    needs: 'address',
    tell: ({ address, admin }) => `listening on ${shown(address)}${admin === true ? ' (admin)' : ''}`,
  },
  request: { needs: 'path', tell: request },
  handshake: { needs: 'attempts', tell: handshake },
  fallback: {
    needs: 'to',
    tell: ({ from, to, upstream, outcome, code, ...line }, paint) =>
      `${route(line, paint)}fell back from ${shown(from)} to ${shown(to)} with ${shown(upstream)}, after ${ending(outcome, code)}`,
  },
  recovered: {
    needs: 'protocol',
    tell: ({ protocol, upstream, ...line }, paint) =>
      `${route(line, paint)}${shown(protocol)} works again with ${shown(upstream)}`,
  },
  downgrade: {
    needs: 'sentinel',
    tell: ({ protocol, sentinel, upstream, ...line }, paint) =>
      `${route(line, paint)}${shown(upstream)} was made to choose ${shown(protocol)} and says that it speaks ${shown(sentinel)}; something on the way may be an attacker`,
  },
  certificate: {
    needs: 'notAfter',
    tell: ({ kind, subject, notAfter, daysLeft, ...line }, paint) =>
      `${route(line, paint)}the ${shown(kind)} certificate ${shown(subject)} ${ends(Number(daysLeft), shown(notAfter))}`,
  },
  reload: { needs: 'generation', tell: reload },
  draining: {
    needs: 'inFlight',
    tell: ({ inFlight }) => `draining, ${many(Number(inFlight), 'request')} still running`,
  },
  stopped: {
    needs: 'inFlight',
    tell: ({ inFlight }) => `stopped${Number(inFlight) > 0 ? `, ${many(Number(inFlight), 'request')} cut off` : ''}`,
  },
};

function request(line: Line, paint: Paint): string {
  const { method, path, protocol, reused, bytesOut, attempts, replayed, cause, detail, admin } = line;
  if (admin === true) return `${shown(path)} of the admin listener failed`;
  const facts = listed([
    protocol,
    reused === true && 'kept connection',
    Number(attempts) > 1 && `${attempts} attempts`,
    replayed === true && 'sent twice',
    size(Number(bytesOut)),
  ]);
  const detailed = detail === undefined ? '' : `: ${shown(detail)}`;
  const why = cause === undefined ? '' : `, ${paint.bad(shown(cause))}${detailed}`;
  return `${route(line, paint)}${shown(method)} ${shown(path)} ${end(line, paint)} ${paint.quiet(`(${facts})`)}${why}`;
}

/** How a request ended, and after what time. */
function end({ status, ms, aborted, cut, cause }: Line, paint: Paint): string {
  const passed = time(Number(ms));
  const answered = `answered ${coloured(Number(status), paint)}`;
  if (aborted !== true) return `${answered} in ${passed}`;
  if (cause !== undefined) return `${status === 0 ? 'not answered' : answered}, cut short after ${passed}`;
  const who = cut === true ? 'cut off by the end of `drain`' : 'given up by the client';
  return `${status === 0 ? '' : `${answered}, `}${who} after ${passed}`;
}

function handshake(line: Line, paint: Paint): string {
  const { upstream, protocol, cipher, group, resumed, ms, cause, trial } = line;
  const attempts = (line['attempts'] ?? []) as readonly Attempt[];
  const tried = attempts.map(tell).join(', then ');
  const whose = route(line, paint);
  if (trial === true) {
    const came = protocol === undefined ? 'in vain' : `and ${shown(protocol)} works`;
    return `${whose}tried higher offers with ${shown(upstream)} again, ${came}: ${tried}`;
  }
  if (protocol === undefined) {
    const why = cause === undefined ? 'given up by the client' : shown(cause);
    return `${whose}no connection to ${shown(upstream)} (${why}): ${tried}`;
  }
  const facts = paint.quiet(`(${listed([cipher, group !== '' && group, resumed === true && 'resumed'])})`);
  const how = attempts.length > 1 ? `: ${tried}` : '';
  return `${whose}${paint.good(shown(protocol))} with ${shown(upstream)} in ${time(Number(ms))} ${facts}${how}`;
}

const tell = ({ offer, outcome, code, ms }: Attempt): string => `${shown(offer)} ${ending(outcome, code)} ${time(ms)}`;

function reload({ level, generation, changed, problems }: Line, paint: Paint): string {
  const different = (changed ?? []) as readonly unknown[];
  const number = `generation ${shown(generation)}`;
  const told = lines((problems ?? []) as readonly unknown[], paint);
  if (Number(level) >= 50) return `${paint.bad('reload failed')}, ${number} goes on${told}`;
  if (level === 40) return `not every file of the configuration can be watched for changes${told}`;
  if (different.length === 0) return `reload: nothing is different, still ${number}${told}`;
  return `reload: now ${number}, changed: ${different.map(shown).join(', ')}${told}`;
}

/** Of a message that has no sentence: its fields behind it. */
function rest(message: string, line: Line): string {
  const known = ['level', 'time', 'pid', 'hostname', 'msg', 'err'];
  const fields = Object.entries(line).filter(([key]) => !known.includes(key));
  return [
    message,
    ...fields.map(
      ([key, value]) => `${shown(key)}=${shown(typeof value === 'object' ? JSON.stringify(value) : value)}`,
    ),
  ].join(' ');
}

const route = (line: Line, paint: Paint): string =>
  line['route'] === undefined ? '' : `${paint.name(shown(line['route']))}: `;

const ending = (outcome: unknown, code: unknown): string =>
  code === undefined ? shown(outcome) : `${shown(outcome)} (${shown(code)})`;

function ends(daysLeft: number, notAfter: string): string {
  const day = notAfter.slice(0, 10);
  if (daysLeft < 0) return `expired on ${day}; renew it`;
  return `ends on ${day}, in ${daysLeft === 0 ? 'less than a day' : many(daysLeft, 'day')}; renew it`;
}

/** What there is of these, behind commas. */
const listed = (facts: readonly unknown[]): string =>
  facts
    .filter((fact) => fact !== undefined && fact !== false)
    .map(shown)
    .join(', ');

function coloured(status: number, { good, bad }: Paint): string {
  if (status >= 500) return bad(String(status));
  return status < 400 ? good(String(status)) : String(status);
}

function time(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  return `${(bytes / 1000 ** power).toPrecision(3)} ${units[power - 1]}`;
}

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Further lines, indented. */
function lines(texts: readonly unknown[], paint: Paint): string {
  return texts
    .flatMap((text) => String(text).split('\n'))
    .map((text) => `\n    ${paint.quiet(shown(text.trimEnd()))}`)
    .join('');
}

/** Text without anything that a terminal would act on. */
function shown(value: unknown): string {
  return stripVTControlCharacters(String(value)).replace(/\p{Cc}|\p{Bidi_Control}/gu, '\ufffd');
}
