import t from 'tap';
import { type Difference, differences } from '../fixtures/matrix/compare.ts';
import type { Field } from '../fixtures/matrix/message.ts';
import type { Observation, Seen } from '../fixtures/matrix/observe.ts';
import type { Account } from '../fixtures/matrix/origin.ts';
import { ask, rowsOf } from '../fixtures/matrix/row.ts';
import { type Column, cellOf, columnOf, documentOf, mergeCells } from '../fixtures/matrix/table.ts';

const fields: readonly Field[] = [
  ['Date', 'Tue, 15 Nov 1994 08:12:31 GMT'],
  ['X-A', '1'],
  ['X-A', '2'],
  ['Content-Length', '3'],
];

function reply(changes: Partial<Seen> = {}): Seen {
  const head = { first: 'HTTP/1.1 200 OK', status: '200', reason: 'OK', fields, interim: [] };
  return { ...head, framing: 'length', body: 'ok\n', trailers: [], whole: true, ...changes };
}

function request(changes: Partial<Account> = {}): Account {
  return { first: 'POST /x HTTP/1.1', fields: [['Host', 'a']], body: 'in', trailers: [], whole: true, ...changes };
}

function seen(changes: Partial<Observation> = {}): Observation {
  return { replies: [reply()], stays: true, asked: [request()], ...changes };
}

const texts = (found: readonly Difference[]): string[] => found.map(({ text }) => text);
const inReply = (changes: Partial<Seen>): string[] => texts(differences(seen(), seen({ replies: [reply(changes)] })));
const inRequest = (changes: Partial<Account>): string[] =>
  texts(differences(seen(), seen({ asked: [request(changes)] })));

t.test('what a proxy may change is no difference', async (t) => {
  t.same(texts(differences(seen(), seen())), []);
  const hop: readonly Field[] = [...fields, ['Via', '1.1 p'], ['Connection', 'X-B'], ['X-B', '1'], ['Keep-Alive', 'x']];
  t.same(inReply({ first: 'HTTP/1.0 200 OK', fields: hop }), []);
  const closing = reply({ framing: 'close', fields: [['X-A', '1']] });
  const chunked = reply({
    framing: 'chunked',
    fields: [
      ['X-A', '1'],
      ['Transfer-Encoding', 'chunked'],
      ['Date', 'x'],
    ],
  });
  t.same(differences(seen({ replies: [closing], stays: false }), seen({ replies: [chunked] })), []);
  const forwarded: readonly Field[] = [
    ['Host', 'a'],
    ['Via', '1.1 p'],
    ['X-Forwarded-For', '::1'],
    ['TE', 'x'],
  ];
  t.same(inRequest({ fields: forwarded, first: 'POST http://a/x HTTP/1.0' }), []);
});

t.test('all else is', async (t) => {
  t.same(inReply({ status: '502', reason: 'Bad Gateway' }), ['answers 502 Bad Gateway']);
  t.same(inReply({ reason: 'Fine' }), ['reason phrase `OK` → `Fine`']);
  t.same(inReply({ body: 'ko\n' }), ['body `ok\\n` → `ko\\n`']);
  t.same(inReply({ whole: false }), ['the body is cut short']);
  t.same(inReply({ framing: 'chunked' }), ['framing length → chunked']);
  t.same(inReply({ trailers: [['X-T', '1']] }), ['trailer gains `X-T`: `1`']);
  t.same(inReply({ interim: [{ first: 'HTTP/1.1 103 Early Hints', fields: [] }] }), ['interim responses none → 103']);
  t.same(inReply({ fields: fields.slice(0, -1) }), ['loses `Content-Length`']);
  t.same(inReply({ fields: [...fields, ['X-B', '1']] }), ['gains `X-B`: `1`']);
  t.same(inReply({ fields: fields.map(([name, value]) => [name.toLowerCase(), value]) }), [
    'names spelt anew: `Date → date`, `X-A → x-a`, `X-A → x-a`, `Content-Length → content-length`',
  ]);
  t.same(inReply({ fields: [...fields].reverse() }), ['`X-A`: `1 | 2` → `2 | 1`']);
  t.same(inReply({ fields: fields.toSpliced(3, 1).toSpliced(0, 0, fields[3] as Field) }), ['fields in another order']);
  t.same(inReply({ fields: fields.toSpliced(1, 2, ['X-A', '1, 2']) }), ['`X-A`: 2 fields joined to 1']);
  t.same(inReply({ fields: fields.with(0, ['Date', 'Mon, 14 Nov 2022 08:12:31 GMT']) }), [
    '`Date`: `Tue, 15 Nov 1994 08:12:31 GMT` → `now`',
  ]);
  t.same(texts(differences(seen(), seen({ stays: false }))), ['closes the connection']);
  t.same(texts(differences(seen(), seen({ replies: [], failure: 'silence' }))), ['silence']);
  t.same(texts(differences(seen({ tunnelled: 'a' }), seen({ tunnelled: '' }))), ['tunnel: `a` → ``']);
  t.same(texts(differences(seen(), seen({ asked: [] }))), ['the upstream gets 0 requests instead of 1']);
  const close = request({ fields: [['Connection', 'close']] });
  t.same(texts(differences(seen({ stays: false, asked: [close] }), seen({ asked: [close] }))), [
    'keeps the connection',
  ]);
});

t.test('in requests too', async (t) => {
  t.same(inRequest({ first: 'POST /X HTTP/1.1' }), ['request line `POST /x` → `POST /X`']);
  t.same(inRequest({ body: 'IN' }), ['request body `in` → `IN`']);
  t.same(inRequest({ trailers: [['X-T', '']] }), ['request trailer gains `X-T`: ``']);
  t.same(inRequest({ fields: [] }), ['request loses `Host`']);
  t.same(
    inRequest({
      fields: [
        ['Host', 'a'],
        ['Transfer-Encoding', 'chunked'],
      ],
    }),
    ['request not chunked → chunked'],
  );
});

t.test('the document gives its columns back', async (t) => {
  const rows = rowsOf('A group', 'origin', [
    ['x', 'a row with a | in it', ask('GET /origin/x')],
    ['order', 'order', ask('GET /origin/order')],
  ]);
  const found = differences(seen(), seen({ replies: [reply({ fields: [...fields].reverse() })] }));
  const order: Difference[] = [{ kind: 'order', text: 'another order' }];
  const column = (name: string, cells: readonly string[]): Column => ({
    name,
    version: '1',
    cells: new Map(rows.map(({ id }, index) => [id, cells[index] ?? ''])),
  });
  const [x, ordered] = rows as [(typeof rows)[0], (typeof rows)[0]];
  t.same([cellOf(x, order), cellOf(ordered, order)], ['same', 'differs: another order']);
  const cells = [cellOf(x, found), 'same'];
  const text = documentOf(rows, [column('ours', ['same', 'same']), column('theirs', cells)]);
  const [what] = ['a row with a \\| in it'];
  t.same(columnOf(text, 'ours'), [
    [what, 'same'],
    ['order', 'same'],
  ]);
  t.same(columnOf(text, 'theirs'), [
    [what, 'differs: `X-A`: `1 \\| 2` → `2 \\| 1`'],
    ['order', 'same'],
  ]);
  t.match(text, /\| theirs \| 1 \| 1 of 2 \|/);
});

t.test('turns that came to different ends are all told', async (t) => {
  t.equal(mergeCells(['same', 'same']), 'same');
  t.equal(mergeCells(['differs: b', 'differs: b']), 'differs: b');
  t.equal(mergeCells(['differs: b', 'differs: a', 'differs: b']), 'differs: a; or: b');
  t.equal(mergeCells(['same', 'differs: a']), 'differs at times: a');
});
