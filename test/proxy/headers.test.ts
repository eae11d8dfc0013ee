import t from 'tap';
import {
  type RequestOptions,
  requestFields,
  requestHead,
  responseFields,
  responseHead,
  trailerFields,
} from '../../src/proxy/headers.ts';
import { via } from '../../src/proxy/pseudonym.ts';
import type { ResponseHead } from '../../src/proxy/response-reader.ts';

const options: RequestOptions = { authority: 'up:8743', host: 'upstream', clientAddress: '127.0.0.1', version: 1 };
const added = ['Via', via[1], 'X-Forwarded-For', '127.0.0.1', 'X-Forwarded-Host', 'here', 'X-Forwarded-Proto', 'http'];

/** The request's fields between Host and what is added. */
function kept(fields: readonly string[], more: Partial<RequestOptions> = {}): string[] {
  const all = requestFields(['Host', 'here', ...fields], { ...options, ...more });
  const end = all.length - added.length;
  if (all[1] !== 'up:8743' || all.slice(end).join() !== added.join()) throw new Error(all.join());
  return all.slice(2, end);
}

function answer(fields: string[], more: Partial<ResponseHead> = {}): ResponseHead {
  return {
    version: 1,
    status: 200,
    reason: 'OK',
    fields,
    framing: 'close',
    length: 0,
    keepAlive: true,
    keepAliveTimeout: undefined,
    ...more,
  };
}

/** The response's fields before Via. */
function given(fields: string[], chunked = false, more: Partial<ResponseHead> = {}): string[] {
  const all = responseFields(answer(fields, more), chunked);
  return all.slice(0, all.lastIndexOf('Via'));
}

const hopByHop = [
  'Connection',
  'keep-alive',
  'KEEP-ALIVE',
  'timeout=5',
  'Proxy-Connection',
  'keep-alive',
  'te',
  'trailers',
  'Trailer',
  'X-Sum',
  'Upgrade',
  'h2c',
  'Proxy-Authenticate',
  'Basic',
  'Proxy-Authorization',
  'Bearer x',
  'Proxy-Authentication-Info',
  'x',
];

t.test('request: case, order and duplicates stay', async (t) => {
  const fields = [
    'x-b',
    '1',
    'ACCEPT',
    '*/*',
    'X-A',
    '',
    'x-B',
    '2',
    'Cookie',
    'a=1',
    'cookie',
    'b=2',
    'Content-Length',
    '3',
  ];
  t.strictSame(requestFields(['x-0', '0', 'hOST', 'here', ...fields], options), [
    'x-0',
    '0',
    'hOST',
    'up:8743',
    ...fields,
    ...added,
  ]);
  t.strictSame(
    kept([
      'TE-',
      'a',
      'Vie',
      'b',
      'Hose',
      'c',
      'X-Forwarded-Fox',
      'd',
      'X-Forwarded-Hose',
      'e',
      'X-Forwarded-Protx',
      'f',
    ]).length,
    12,
  );
  t.strictSame(
    kept([
      'Accept-Charset',
      'a',
      'Proxy-Authenticatf',
      'a',
      'Proxy-Authorizatiox',
      'a',
      'Proxy-Authentication-Infx',
      'a',
      'Proxy-Connectiox',
      'a',
      'XE',
      'a',
      'Trailes',
      'b',
      'Expecu',
      'c',
      'User-Agent',
      'd',
    ]).length,
    18,
  );
});

t.test('request: what was meant for this hop ends here', async (t) => {
  t.strictSame(kept(hopByHop), []);
  t.strictSame(kept(['Expect', '100-continue', 'X-Kept', '1']), ['X-Kept', '1']);
});

t.test('request: Connection takes the fields it names along', async (t) => {
  t.strictSame(
    kept([
      'X-Hop',
      '1',
      'Connection',
      'close, x-hop',
      'x-HOP',
      '2',
      'X-Kept',
      '3',
      'connection',
      ',X-Other , keep-alive',
      'x-other',
      '4',
    ]),
    ['X-Kept', '3'],
  );
  const end = ['Content-Length', '3', 'Content-Type', 'a/b', 'Authorization', 'x', 'Cookie', 'a=1'];
  t.strictSame(
    kept(['Connection', 'host, Content-Length, content-type, AUTHORIZATION, cookie, via, x-forwarded-for', ...end]),
    end,
  );
  t.strictSame(kept(['Connection', 'Transfer-Encoding', 'Transfer-Encoding', 'chunked']), [
    'Transfer-Encoding',
    'chunked',
  ]);
});

t.test('request: Host', async (t) => {
  t.strictSame(requestFields(['A', 'b'], options).slice(0, 4), ['Host', 'up:8743', 'A', 'b'], 'added, first');
  t.notOk(requestFields([], options).includes('X-Forwarded-Host'));
  const preserve: RequestOptions = { ...options, host: 'preserve' };
  t.equal(requestFields(['Host', 'here'], preserve)[1], 'here');
  t.equal(requestFields([], preserve)[1], 'up:8743');
  const absolute = requestFields(['Host', 'here'], { ...preserve, targetAuthority: 'target' });
  t.equal(absolute[1], 'target');
  t.equal(absolute[absolute.indexOf('X-Forwarded-Host') + 1], 'target');
});

t.test('request: Via and X-Forwarded go behind those of proxies before us', async (t) => {
  t.strictSame(
    requestFields(
      [
        'Host',
        'here',
        'via',
        '1.0 a',
        'Via',
        '1.1 b',
        'x-forwarded-for',
        '10.0.0.1',
        'X-Forwarded-Host',
        'h',
        'X-FORWARDED-PROTO',
        'https',
        'A',
        'b',
      ],
      { ...options, version: 0 },
    ),
    [
      'Host',
      'up:8743',
      'via',
      '1.0 a',
      'Via',
      `1.1 b, ${via[0]}`,
      'x-forwarded-for',
      '10.0.0.1, 127.0.0.1',
      'X-Forwarded-Host',
      'h, here',
      'X-FORWARDED-PROTO',
      'https, http',
      'A',
      'b',
    ],
  );
  t.strictSame(requestFields(['Host', 'here', 'Via', ''], options)[3], via[1]);
  t.notOk(requestFields(['Host', 'here'], { ...options, clientAddress: undefined }).includes('X-Forwarded-For'));
});

t.test('request: framing', async (t) => {
  t.strictSame(kept(['Transfer-Encoding', 'Chunked', 'Trailer', 'X-Sum']), [
    'Transfer-Encoding',
    'chunked',
    'Trailer',
    'X-Sum',
  ]);
  t.strictSame(
    kept(['Content-Length', '5', 'Transfer-Encoding', 'chunked']),
    ['Transfer-Encoding', 'chunked'],
    'never both',
  );
  t.strictSame(kept(['Content-Length', '0']), ['Content-Length', '0']);
  t.strictSame(kept(['Content-Length', '0010']), ['Content-Length', '10']);
  t.strictSame(kept(['Content-Length', '00']), ['Content-Length', '0']);
});

t.test('request: an upgrade goes along if asked for', async (t) => {
  const upgrade = [
    'Connection',
    'keep-alive, Upgrade, HTTP2-Settings',
    'Upgrade',
    'websocket',
    'HTTP2-Settings',
    'x',
    'Sec-WebSocket-Key',
    'y',
  ];
  t.strictSame(requestFields(['Host', 'here', ...upgrade], { ...options, upgrade: true }), [
    'Host',
    'up:8743',
    'Upgrade',
    'websocket',
    'Sec-WebSocket-Key',
    'y',
    ...added,
    'Connection',
    'Upgrade',
  ]);
  t.strictSame(kept(upgrade), ['Sec-WebSocket-Key', 'y']);
  t.strictSame(kept(['Connection', 'Upgrade', 'Upgrade', 'websocket']), []);
});

t.test('response: case, order and duplicates stay', async (t) => {
  const fields = [
    'set-cookie',
    'a=1',
    'DATE',
    'x',
    'Set-Cookie',
    'b=2',
    'Content-Length',
    '3',
    'X-Content-Type',
    'z',
    'Vie',
    '0',
    'X-Forwarded-Proto',
    'w',
    'Trailes',
    'c',
  ];
  t.strictSame(responseFields(answer(fields), false), [...fields, 'Via', via[1]]);
  t.strictSame(responseFields(answer(['via', '1.1 a', 'B', 'c'], { version: 0 }), false), [
    'via',
    `1.1 a, ${via[0]}`,
    'B',
    'c',
  ]);
});

t.test('response: what was meant for this hop ends here', async (t) => {
  t.strictSame(given([...hopByHop, 'Transfer-Encoding', 'chunked']), []);
  t.strictSame(given(['Connection', 'close, X-Hop, set-cookie', 'x-hop', '1', 'Set-Cookie', '2']), ['Set-Cookie', '2']);
});

t.test('response: framing', async (t) => {
  t.strictSame(given(['Transfer-Encoding', 'Chunked', 'A', 'b', 'Trailer', 'X-Sum'], true), [
    'Transfer-Encoding',
    'chunked',
    'A',
    'b',
    'Trailer',
    'X-Sum',
  ]);
  t.strictSame(responseFields(answer(['A', 'b']), true), ['A', 'b', 'Via', via[1], 'Transfer-Encoding', 'chunked']);
  t.strictSame(given(['Content-Length', '5'], true), []);
  t.strictSame(given(['Content-Length', '5'], false, { status: 304, framing: 'none' }), ['Content-Length', '5']);
  t.strictSame(given(['Content-Length', '0'], false, { status: 204, framing: 'none' }), []);
  t.strictSame(given(['Content-Length', '0', 'Link', '</a>'], false, { status: 103, framing: 'none' }), [
    'Link',
    '</a>',
  ]);
});

t.test('response: Upgrade stays where it is the message', async (t) => {
  for (const status of [101, 426]) {
    t.strictSame(
      responseFields(answer(['Connection', 'Upgrade', 'Upgrade', 'websocket', 'A', 'b'], { status }), false),
      ['Upgrade', 'websocket', 'A', 'b', 'Via', via[1], 'Connection', 'Upgrade'],
    );
  }
});

t.test('trailers lose what cannot be one', async (t) => {
  const none: string[] = [];
  t.equal(trailerFields(none), none);
  t.strictSame(
    trailerFields([
      'X-Sum',
      '1',
      'Content-Length',
      '5',
      'transfer-encoding',
      'chunked',
      'HOST',
      'x',
      'Connection',
      'close',
      'Set-Cookie',
      'a',
      'x-sum',
      '2',
      'X-Forwarded-For',
      '10.0.0.1',
      'via',
      '1.1 nobody',
    ]),
    ['X-Sum', '1', 'x-sum', '2'],
  );
});

t.test('heads as text', async (t) => {
  t.equal(requestHead('GET', '/a?\xe9', ['Host', 'up', 'A', '']), 'GET /a?\xe9 HTTP/1.1\r\nHost: up\r\nA: \r\n\r\n');
  t.equal(responseHead(103, 'Early Hints', ['Link', '</a>']), 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
  t.equal(responseHead(200, '', []), 'HTTP/1.1 200 \r\n\r\n');
});
