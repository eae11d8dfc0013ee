import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { alertNames } from '../../src/tls/alerts.ts';
import type { AttemptFailure, Stage, Verdict } from '../../src/tls/failure.ts';
import { codesByName, judge } from '../../src/tls/verdict.ts';
import type { ViaProgress } from '../../src/tls/via-tunnel.ts';

const { WRITE_DOCS } = process.env;
const document = new URL('../../../docs/ladder.md', import.meta.url);
const [begin, end] = ['<!-- verdicts -->\n', '<!-- /verdicts -->\n'];

const before: Stage = 'answered';
const after: Stage = 'certificate';

const failed = (code: string, message = '', more: object = {}) => Object.assign(new Error(message), { code, ...more });
const reset = failed('ECONNRESET', 'read ECONNRESET', { syscall: 'read' });
const alert = (number: number) => failed('ERR_SSL_ANY', `SSL alert number ${number}`);

const reply = (status: number) => ({ status, schemes: [] });
const atProxy =
  (connected: boolean, error?: NodeJS.ErrnoException, more: Partial<ViaProgress> = {}) =>
  (stage: Stage): AttemptFailure => ({
    stage,
    error,
    via: { proxy: 'egress:3128', authenticated: false, connected, ...more },
  });

/** What can happen, by its name in the document, and how an attempt tells it at a stage. */
type Event = readonly [name: string, failure: (stage: Stage) => AttemptFailure];

const events: readonly Event[] = [
  ['reset', (stage) => ({ stage, error: reset })],
  ['close', (stage) => ({ stage })],
  ...Object.entries(alertNames).map(
    ([number, name]): Event => [`alert ${number} ${name}`, (stage) => ({ stage, error: alert(Number(number)) })],
  ),
  ['any other alert', (stage) => ({ stage, error: alert(255) })],
  ...codesByName.map((code): Event => [`\`${code}\``, (stage) => ({ stage, error: failed(code) })]),
  ['any other error', (stage) => ({ stage, error: failed('ERR_SSL_ANY') })],
  ['no answer in time', (stage) => ({ stage, timedOut: true })],
  [
    'server certificate, name or pin does not verify',
    (stage) => ({ stage, untrusted: true, error: failed('CERT_HAS_EXPIRED') }),
  ],
  ['CONNECT proxy refuses the connection', atProxy(false, failed('ECONNREFUSED'))],
  ['CONNECT proxy answers 403, 407 or another refusal', atProxy(true, failed('CONNECT_403'), { reply: reply(403) })],
  ['CONNECT proxy answers 502, 503 or 504', atProxy(true, failed('CONNECT_503'), { reply: reply(503) })],
  ['CONNECT proxy answers with what is not HTTP', atProxy(true, failed('CONNECT_NOT_HTTP'), { fault: 'not-http' })],
  ['reset or close by the CONNECT proxy', atProxy(true, reset)],
  ['name of the CONNECT proxy does not resolve', atProxy(false, failed('ENOTFOUND'))],
  ['CONNECT proxy does not answer in time', (stage) => ({ ...atProxy(true)(stage), timedOut: true })],
  ['downgrade sentinel that is refused', (stage) => ({ stage, sentinel: 'TLSv1.3' })],
];

const told = ({ action, cause }: Verdict): string => (action === 'next' ? 'next offer' : `stop: ${cause}`);

/** The table of docs/ladder.md: one row for each outcome, with all that leads to it. */
function table(): string {
  const rows = new Map<string, string[]>();
  for (const [name, failure] of events) {
    const row = `${told(judge(failure(before)))} | ${told(judge(failure(after)))}`;
    rows.set(row, [...(rows.get(row) ?? []), name]);
  }
  const lines = [...rows].map(([row, names]) => `| ${names.join(', ')} | ${row} |`);
  return ['| what happened | before our certificate went out | after |', '|---|---|---|', ...lines, ''].join('\n');
}

t.test('docs/ladder.md has the verdicts of the code (WRITE_DOCS=1 writes them)', async (t) => {
  const text = readFileSync(document, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  t.ok(from >= begin.length && to >= from, 'the table stands between its marks');
  const expected = table();
  if (WRITE_DOCS === '1') writeFileSync(document, text.slice(0, from) + expected + text.slice(to));
  t.equal(readFileSync(document, 'utf8').slice(from, from + expected.length), expected);
  t.equal(
    readFileSync(document, 'utf8')
      .slice(from + expected.length)
      .startsWith(end),
    true,
  );
});

t.test('the table has two columns because no stage is judged otherwise', async (t) => {
  const alike: readonly [Stage, Stage][] = [
    ['hello', before],
    ['verified', after],
  ];
  for (const [name, failure] of events) {
    for (const [stage, column] of alike) t.equal(told(judge(failure(stage))), told(judge(failure(column))), name);
  }
  for (const [name, failure] of events.filter(([name]) => name !== 'any other error')) {
    t.equal(told(judge(failure('tcp'))), told(judge(failure(before))), name);
  }
});
