import t, {} from 'tap';
import { ProxyError } from '../../src/errors.js';
import { ResponseReader } from '../../src/proxy/response-reader.js';
class Recorder {
    informationals = [];
    heads = [];
    chunks = [];
    trailers;
    informational(head) {
        this.informationals.push(head);
    }
    head(head) {
        this.heads.push(head);
    }
    body(chunk) {
        this.chunks.push(chunk);
    }
    end(trailers) {
        if (this.trailers !== undefined)
            throw new Error('ended twice');
        this.trailers = trailers;
    }
}
function read(pieces, asked = {}) {
    const record = new Recorder();
    const reader = new ResponseReader(record, asked.limit === undefined ? undefined : { head: asked.limit });
    reader.start(asked.method ?? 'GET', asked.upgrade);
    let consumed = 0;
    let outcome = '';
    let error;
    try {
        for (const piece of pieces)
            consumed += reader.read(piece);
        outcome = reader.close() ? reader.state : 'cut';
    }
    catch (thrown) {
        error = thrown;
        outcome = reader.state;
        consumed = -1;
    }
    return {
        informational: record.informationals,
        heads: record.heads,
        body: Buffer.concat(record.chunks).toString('latin1'),
        trailers: record.trailers,
        consumed,
        outcome,
        ...(error === undefined ? {} : { error }),
    };
}
/** Every way to cut in two, and single bytes. */
function* cuts(bytes) {
    for (let at = 1; at < bytes.length; at++)
        yield [bytes.subarray(0, at), bytes.subarray(at)];
    yield Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
}
/** Reads `response` whole and cut everywhere, asserts that it makes no difference and returns the reading. */
function reading(t, response, asked = {}) {
    const bytes = Buffer.from(response, 'latin1');
    const whole = read([bytes], asked);
    t.notOk(whole.error, response);
    const different = [...cuts(bytes)].filter((pieces) => JSON.stringify(read(pieces, asked)) !== JSON.stringify(whole));
    t.strictSame(different.map((pieces) => pieces[0]?.length), [], 'cut anywhere, the reading is the same');
    return whole;
}
/** Asserts that `response` is refused however it is cut. */
function refused(t, response, asked = {}, words) {
    const bytes = Buffer.from(response, 'latin1');
    const { error, outcome } = read([bytes], asked);
    t.ok(error instanceof ProxyError && error.code === 'bad-response', JSON.stringify(response.slice(0, 200)));
    t.match(error, { error: 'http_protocol_error', status: 502, source: 'upstream', ...(words && { message: words }) });
    t.equal(outcome, 'broken');
    const accepted = [...cuts(bytes)].filter((pieces) => read(pieces, asked).outcome !== 'broken');
    t.strictSame(accepted.map((pieces) => pieces[0]?.length), [], 'cut anywhere, it is refused');
}
const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
t.test('a head is given as it came', async (t) => {
    const response = `${ok}Set-Cookie: a=1\r\nX-Empty:\r\nset-cookie:\t b=2 \t\r\nX-Latin: \xe9\tz\r\nCONTENT-length: 5\r\n\r\nhello`;
    const { heads, informational, body, trailers, consumed, outcome } = reading(t, response);
    t.strictSame(heads, [
        {
            version: 1,
            status: 200,
            reason: 'OK',
            fields: ['Set-Cookie', 'a=1', 'X-Empty', '', 'set-cookie', 'b=2', 'X-Latin', '\xe9\tz', 'CONTENT-length', '5'],
            framing: 'length',
            length: 5,
            keepAlive: true,
            keepAliveTimeout: undefined,
        },
    ]);
    t.strictSame({ informational, body, trailers, outcome }, { informational: [], body: 'hello', trailers: [], outcome: 'idle' });
    t.equal(consumed, response.length);
});
t.test('status lines', async (t) => {
    const lines = [
        ['HTTP/1.1 200 ', 200, ''],
        ['HTTP/1.1 200', 200, ''],
        ['HTTP/1.0 404 Not Found', 404, 'Not Found'],
        ['HTTP/1.1 200  \t\xe9 ', 200, ' \t\xe9 '],
        ['HTTP/1.1 999 x', 999, 'x'],
        ['HTTP/1.1 600 x', 600, 'x'],
    ];
    for (const [line, status, reason] of lines) {
        t.match(reading(t, `${line}\r\nContent-Length: 0\r\n\r\n`), { heads: [{ status, reason }], outcome: 'idle' });
    }
    for (const line of [
        '',
        ' HTTP/1.1 200 OK',
        'http/1.1 200 OK',
        'HTTP/1.2 200 OK',
        'HTTP/2 200 OK',
        'HTTP/2.0 200 OK',
        'HTTP/0.9 200 OK',
        'HTTP/1.11 200 OK',
        'HTTP/1.1',
        'HTTP/1.1 ',
        'HTTP/1.1  200 OK',
        'HTTP/1.1\t200 OK',
        'HTTP/1.1 20 OK',
        'HTTP/1.1 2000 OK',
        'HTTP/1.1 2x0 OK',
        'HTTP/1.1 20x OK',
        'HTTP/1.1 +20 OK',
        'HTTP/1.1 099 OK',
        'HTTP/1.1 000 OK',
        'HTTP/1.1 200\tOK',
        'HTTP/1.1 200 O\0K',
        'HTTP/1.1 200 O\x7fK',
        'HTTP/1.1 200 O\rK',
        'HTTP/1.1 200 OK\r',
        'HTTP/1.1 200\rX',
        'ICY 200 OK',
        '<html>',
    ]) {
        refused(t, `${line}\r\nContent-Length: 0\r\n\r\n`);
    }
    refused(t, `\r\n${ok}Content-Length: 0\r\n\r\n`);
    refused(t, '\n', {}, /LF without CR/);
});
t.test('another protocol is refused before it sends an empty line', async (t) => {
    refused(t, 'SSH-2.0-OpenSSH_9.2', {}, /status line/);
    refused(t, '\x15\x03\x03\x00\x02\x02\x28');
    t.equal(read([Buffer.from('HT'), Buffer.from('TP/1.')]).outcome, 'cut');
});
t.test('fields', async (t) => {
    for (const [lines, words] of [
        ['A: b\n', undefined],
        ['A: b\r\nC: d\n', undefined],
        ['A: b\rc\r\n', /pair/],
        ['A: b\r\r\n', /pair/],
        ['A: \nb\r\n', undefined],
        ['A\r\n', /no colon/],
        ['A : b\r\n', /before the colon/],
        ['A\t: b\r\n', /before the colon/],
        [' A: b\r\n', /obs-fold/],
        ['A: b\r\n c\r\n', /obs-fold/],
        ['A: b\r\n\tc\r\n', /obs-fold/],
        [': b\r\n', /no name/],
        ['A(: b\r\n', /not allowed/],
        ['A\xe9: b\r\n', /not allowed/],
        ['A\0: b\r\n', /not allowed/],
        ['A: b\0\r\n', /control/],
        ['A: \x01b\r\n', /control/],
        ['A: b\x7f\r\n', /control/],
        ['A: b\x1b[31m\r\n', /control/],
    ]) {
        refused(t, `${ok}${lines}Content-Length: 0\r\n\r\n`, {}, words);
        refused(t, `${ok}Content-Length: 0\r\n${lines}\r\n`);
    }
    refused(t, `${ok}Content-Length: 0\r\n\n`);
    refused(t, `HTTP/1.1 200 OK\nContent-Length: 0\n\n`, {}, /pair|LF without CR/);
    refused(t, `HTTP/1.1 200 OK\nContent-Length: 0`, {}, /LF without CR/);
    const names = "!#$%&'*+-.^_`|~09azAZ";
    t.match(reading(t, `${ok}${names}: x\r\nContent-Length: 0\r\n\r\n`), { heads: [{ fields: [names, 'x'] }] });
});
t.test('a head is bounded', async (t) => {
    const head = `${ok}Content-Length: 2\r\n\r\n`;
    t.equal(reading(t, `${head}ab`, { limit: head.length }).body, 'ab');
    refused(t, `${head}ab`, { limit: head.length - 1 }, /longer than/);
    refused(t, `${ok}A: ${'x'.repeat(100)}`, { limit: 100 }, /longer than/);
    const big = Buffer.from(`${ok}A: ${'x'.repeat(64 * 1024)}`);
    t.equal(read([big]).outcome, 'broken', '64 KiB unless told otherwise');
});
t.test('Content-Length', async (t) => {
    t.match(reading(t, `${ok}Content-Length: 0\r\n\r\n`), { body: '', trailers: [], outcome: 'idle' });
    t.match(reading(t, `${ok}Content-Length: 0003\r\n\r\nabc`), { body: 'abc', outcome: 'idle' });
    t.match(reading(t, `${ok}Content-Length: 4\r\n\r\nabc`), { body: 'abc', outcome: 'cut', trailers: undefined });
    t.match(reading(t, `${ok}Content-Length: 9007199254740991\r\n\r\n`), {
        heads: [{ length: 9007199254740991 }],
        outcome: 'cut',
    });
    for (const value of [
        '',
        '+3',
        '-3',
        ' ',
        '3 3',
        '0x3',
        '3a',
        '3.0',
        '1e1',
        '3,3',
        '3, 3',
        '9007199254740993',
        `1${'0'.repeat(400)}`,
        '\xb2',
    ]) {
        refused(t, `${ok}Content-Length: ${value}\r\n\r\nabc`, {}, /Content-Length/);
        refused(t, `${ok}Content-Length: ${value}\r\n\r\n`, { method: 'HEAD' }, /Content-Length/);
    }
    refused(t, `${ok}Content-Length: 3\r\ncontent-length: 3\r\n\r\nabc`, {}, /more than one/);
    refused(t, `${ok}Content-Length: 3\r\ncontent-length: 4\r\n\r\nabc`, {}, /more than one/);
    refused(t, `${ok}Content-Length: 0\r\ncontent-length: 0\r\n\r\n`, {}, /more than one/);
});
t.test('Transfer-Encoding', async (t) => {
    t.match(reading(t, `${ok}transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n`), {
        heads: [{ framing: 'chunked' }],
        outcome: 'idle',
    });
    for (const value of [
        '',
        'identity',
        'gzip',
        'gzip, chunked',
        'chunked, gzip',
        'chunked, chunked',
        'chunked,',
        ',chunked',
        'chunked;q=1',
        '"chunked"',
        'xchunked',
        'chunke\xe4',
        '\x0bchunked',
    ]) {
        refused(t, `${ok}Transfer-Encoding: ${value}\r\n\r\n0\r\n\r\n`);
    }
    refused(t, `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
    refused(t, `${ok}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
    refused(t, `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, {}, /both/);
    refused(t, `${ok}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n`, {}, /both/);
    refused(t, 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', {}, /HTTP\/1.0/);
});
t.test('a tab behind a framing value, which readers take in two ways', async (t) => {
    refused(t, `${ok}Content-Length: 2\t\r\n\r\nab`, {}, /tab/);
    refused(t, `${ok}transfer-encoding: chunked \t \r\n\r\n0\r\n\r\n`, {}, /tab/);
    t.equal(reading(t, `${ok}X-Tab: a\tb\t\r\nContent-Length:\t2 \r\n\r\nab`).body, 'ab');
    t.equal(reading(t, `${ok}X-Tab: a\t\r\n\r\nab`).body, 'ab');
});
t.test('a close-delimited body ends with the connection', async (t) => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nall\r\n\r\nof it';
    const expected = {
        heads: [{ framing: 'close', keepAlive: false }],
        body: 'all\r\n\r\nof it',
        trailers: [],
        outcome: 'idle',
    };
    t.match(reading(t, text), expected);
    t.match(reading(t, text.replace('1.1', '1.0')), expected);
    t.match(reading(t, 'HTTP/1.1 200 OK\r\n\r\n'), { body: '', trailers: [], outcome: 'idle' });
});
t.test('chunked bodies', async (t) => {
    const response = `${chunked}5\r\nhello\r\n00A\r\n0123456789\r\na\r\nabcdefghij\r\n0\r\n\r\n`;
    t.match(reading(t, response), {
        body: 'hello0123456789abcdefghij',
        trailers: [],
        consumed: response.length,
        outcome: 'idle',
    });
    t.match(reading(t, `${chunked}5;a;b=c;d="e \\" ;\\\\\t\xe9";f\r\nhello\r\n0;last\r\n\r\n`), {
        body: 'hello',
        outcome: 'idle',
    });
    t.match(reading(t, `${chunked}5\r\nhello\r\n0\r\nX-Sum: 1\r\nx-sum:  2 \r\n\r\n`), {
        trailers: ['X-Sum', '1', 'x-sum', '2'],
    });
    for (const short of [
        '',
        '5',
        '5\r',
        '5\r\nhel',
        '5\r\nhello',
        '5\r\nhello\r\n',
        '5\r\nhello\r\n0',
        '0\r\n',
        '0\r\n\r',
        '0\r\nA: b\r\n',
    ]) {
        t.match(reading(t, `${chunked}${short}`), { outcome: 'cut', trailers: undefined }, `cut short behind ${JSON.stringify(short)}`);
    }
    for (const bad of [
        '\r\n',
        ' 5\r\n',
        '+5\r\n',
        '-5\r\n',
        '0x5\r\n',
        '5 \r\n',
        '5\t\r\n',
        '5 ;a\r\n',
        'g\r\n',
        ';a\r\n',
        '5\n',
        '5\rhello',
        '5\r\r\n',
        '"5"\r\n',
        '5.\r\n',
        '/\r\n',
        ':\r\n',
        '@\r\n',
        '`\r\n',
        '00000000000000005\r\n',
        '20000000000000\r\n',
        'ffffffffffffffff\r\n',
        '10000000000000005\r\n',
        '5;\r\n',
        '5;;a\r\n',
        '5; a\r\n',
        '5;a \r\n',
        '5;a=\r\n',
        '5;a=;b\r\n',
        '5;=b\r\n',
        '5;a= b\r\n',
        '5;a=b c\r\n',
        '5;a=b"\r\n',
        '5;a="b\r\n',
        '5;a="b"c\r\n',
        '5;a="\\\r\n',
        '5;a\n',
        '5;a=b\n',
        '5;a="b"\n',
        '5;a=(\r\n',
        '5;a=b=c\r\n',
        '5;a="\x7f"\r\n',
        `5;${'a'.repeat(256)}\r\n`,
    ]) {
        refused(t, `${chunked}${bad}hello\r\n0\r\n\r\n`);
    }
    for (const bad of ['5\r\nhellox\r\n', '5\r\nhello\n', '5\r\nhello\rx', '5\r\nhello0\r\n', '5\r\nhello\r\n\r\n'])
        refused(t, `${chunked}${bad}0\r\n\r\n`);
    t.match(reading(t, `${chunked}5;${'a'.repeat(254)}\r\nhello\r\n0\r\n\r\n`), { body: 'hello' });
});
t.test('trailers are as strict as heads', async (t) => {
    for (const bad of [
        'A: b\n',
        'A : b\r\n',
        ' A: b\r\n',
        'A: b\r\n c\r\n',
        ': b\r\n',
        'A: \0\r\n',
        'A\r\n',
        'Content-Length: 0\r\n',
        'transfer-encoding: chunked\r\n',
    ]) {
        refused(t, `${chunked}0\r\n${bad}\r\n`);
    }
    refused(t, `${chunked}0\r\n\n`);
    const limit = chunked.length;
    refused(t, `${chunked}0\r\nA: ${'b'.repeat(limit)}\r\n\r\n`, { limit }, /longer than/);
});
t.test('no body where none may be', async (t) => {
    for (const fields of ['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', '']) {
        const empty = { heads: [{ framing: 'none', length: 0 }], body: '', trailers: [], outcome: 'idle' };
        t.match(reading(t, `${ok}${fields}\r\n`, { method: 'HEAD' }), empty);
        t.match(reading(t, `HTTP/1.1 304 Not Modified\r\n${fields}\r\n`), empty);
        t.match(reading(t, `HTTP/1.1 204 No Content\r\n${fields}\r\n`), empty);
    }
    const kept = (response, asked) => reading(t, response, asked).heads[0]?.keepAlive;
    t.ok(kept(`${ok}Content-Length: 5\r\n\r\n`, { method: 'HEAD' }));
    t.ok(kept('HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n'));
    t.ok(kept('HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n'));
    t.notOk(kept('HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n'), 'five bytes may come');
    t.notOk(kept('HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n'), 'a last chunk may come');
});
t.test('205 is framed as any other', async (t) => {
    t.match(reading(t, 'HTTP/1.1 205 x\r\nContent-Length: 0\r\n\r\n'), { body: '', outcome: 'idle' });
    t.match(reading(t, 'HTTP/1.1 205 x\r\nContent-Length: 2\r\n\r\nab'), { body: 'ab', outcome: 'idle' });
    t.match(reading(t, 'HTTP/1.1 205 x\r\n\r\n'), { heads: [{ framing: 'close' }] });
});
t.test('informational responses', async (t) => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const { informational, heads } = reading(t, `HTTP/1.1 100 Continue\r\n\r\n${hints}${hints}${ok}Content-Length: 0\r\n\r\n`);
    t.strictSame(informational.map((head) => [head.status, head.framing, head.fields]), [
        [100, 'none', []],
        [103, 'none', ['Link', '</a>']],
        [103, 'none', ['Link', '</a>']],
    ]);
    t.match(heads, [{ status: 200 }]);
    const many = 'HTTP/1.1 102 x\r\n\r\n';
    t.equal(reading(t, `${many.repeat(16)}${ok}Content-Length: 0\r\n\r\n`).informational.length, 16);
    refused(t, many.repeat(17), {}, /too many/);
    refused(t, `HTTP/1.1 100 x\r\nContent-Length: 5\r\n\r\n`, {}, /cannot have a body/);
    refused(t, `HTTP/1.1 199 x\r\nTransfer-Encoding: chunked\r\n\r\n`, {}, /cannot have a body/);
    t.equal(reading(t, `HTTP/1.1 100 x\r\nContent-Length: 0\r\n\r\n${ok}Content-Length: 0\r\n\r\n`).outcome, 'idle');
    t.equal(reading(t, 'HTTP/1.1 100 Continue\r\n\r\n').outcome, 'cut');
    refused(t, `HTTP/1.1 100 x\r\nConnection: close\r\n\r\n${ok}Content-Length: 0\r\n\r\n`, {}, /closes the connection/);
    refused(t, `HTTP/1.0 100 x\r\n\r\n${ok}Content-Length: 0\r\n\r\n`, {}, /closes the connection/);
});
t.test('101 answers an upgrade only, and what follows is the tunnel', async (t) => {
    const response = 'HTTP/1.1 101 Switching Protocols\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n';
    t.match(reading(t, `${response}frames`, { upgrade: true }), {
        heads: [{ status: 101, framing: 'none' }],
        body: '',
        trailers: undefined,
        consumed: response.length,
        outcome: 'tunnel',
    });
    refused(t, response, {}, /nobody asked/);
    refused(t, response.replace('1.1', '1.0'), { upgrade: true }, /without/);
    refused(t, response.replace('Upgrade: websocket\r\n', ''), { upgrade: true }, /without/);
    refused(t, response.replace(', Upgrade', ''), { upgrade: true }, /without/);
    refused(t, response.replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\n'), { upgrade: true }, /cannot have a body/);
    t.match(reading(t, `${ok}Content-Length: 2\r\n\r\nno`, { upgrade: true }), { body: 'no', outcome: 'idle' });
});
t.test('CONNECT', async (t) => {
    const response = `${ok}Content-Length: 5\r\n\r\n`;
    t.match(reading(t, `${response}hello`, { method: 'CONNECT' }), {
        body: '',
        consumed: response.length,
        outcome: 'tunnel',
    });
    t.match(reading(t, 'HTTP/1.1 407 x\r\nContent-Length: 2\r\n\r\nno', { method: 'CONNECT' }), {
        body: 'no',
        outcome: 'idle',
    });
    t.match(reading(t, `HTTP/1.1 100 x\r\n\r\n${response}`, { method: 'CONNECT' }), {
        informational: [{}],
        outcome: 'tunnel',
    });
});
t.test('whether the connection may be used again', async (t) => {
    for (const [version, fields, keepAlive] of [
        [1, '', true],
        [1, 'Connection: close\r\n', false],
        [1, 'Connection: keep-alive\r\n', true],
        [1, 'Connection: Keep-Alive, Close\r\n', false],
        [1, 'Connection: keep-alive\r\nconnection: CLOSE\r\n', false],
        [1, 'Connection: closed, x-close\r\n', true],
        [1, 'X-Close: close\r\nX-Accepted: close\r\nX-Content-Type: 1\r\nX-Forwarded-Proto: chunked\r\n', true],
        [0, '', false],
        [0, 'Connection: Keep-Alive\r\n', true],
        [0, 'Connection: x,, keep-alive\r\n', true],
        [0, 'Connection: keep-alive, close\r\n', false],
        [0, 'Proxy-Connection: keep-alive\r\n', false],
    ]) {
        const { heads } = reading(t, `HTTP/1.${version} 200 x\r\n${fields}Content-Length: 0\r\n\r\n`);
        t.equal(heads[0]?.keepAlive, keepAlive, `HTTP/1.${version} ${fields}`);
    }
});
t.test('how long the upstream keeps the connection', async (t) => {
    for (const [value, seconds] of [
        ['timeout=5', 5],
        ['max=100, Timeout=65', 65],
        ['max=100,timeout=0', 0],
        ['timeout=5, max=100', 5],
        ['max=100', undefined],
        ['xtimeout=5', undefined],
        ['timeout=12345678901', undefined],
        ['timeout=-1', undefined],
    ]) {
        const { heads } = reading(t, `${ok}Keep-Alive: ${value}\r\nContent-Length: 0\r\n\r\n`);
        t.equal(heads[0]?.keepAliveTimeout, seconds, value);
    }
});
t.test('what comes behind a response is left to the caller', async (t) => {
    for (const first of [
        `${ok}Content-Length: 2\r\n\r\nab`,
        `${chunked}2\r\nab\r\n0\r\n\r\n`,
        'HTTP/1.1 204 x\r\n\r\n',
    ]) {
        t.match(reading(t, `${first}${ok}Content-Length: 6\r\n\r\npoison`), {
            heads: [{}],
            consumed: first.length,
            outcome: 'idle',
        });
    }
});
t.test('one reader reads one response after the other', async (t) => {
    const record = new Recorder();
    const reader = new ResponseReader(record);
    t.equal(reader.state, 'idle');
    t.equal(reader.read(Buffer.from(ok)), 0, 'nothing was asked');
    t.ok(reader.close(), 'nothing is cut short');
    for (const [method, response, length] of [
        ['HEAD', `${ok}Content-Length: 5\r\n\r\n`, 0],
        ['GET', `${chunked}5;a\r\nhello\r\n0\r\nA: b\r\n\r\n`, 5],
        ['GET', `HTTP/1.1 100 x\r\n\r\n${ok}Content-Length: 5\r\n\r\nhello`, 5],
        ['POST', `${chunked}0\r\n\r\n`, 0],
    ]) {
        record.trailers = undefined;
        record.chunks.length = 0;
        reader.start(method);
        t.equal(reader.bytesSeen, 0);
        t.equal(reader.state, 'head');
        const bytes = Buffer.from(response);
        reader.read(bytes.subarray(0, 12));
        t.equal(reader.bytesSeen, 12);
        t.throws(() => reader.start('GET'), { code: 'internal', source: 'internal' });
        t.equal(reader.read(bytes.subarray(12)), bytes.length - 12);
        t.equal(reader.bytesSeen, bytes.length);
        t.equal(Buffer.concat(record.chunks).length, length);
        t.equal(reader.state, 'idle');
    }
    t.strictSame(record.trailers, [], 'not those of the body before');
    reader.start('GET');
    t.notOk(reader.close(), 'no answer');
    t.equal(reader.state, 'broken');
    t.equal(reader.read(Buffer.from(ok)), 0);
    t.equal(reader.bytesSeen, 0);
    t.throws(() => reader.start('GET'));
});
t.test('bytes that came before a request are not its response', async (t) => {
    const heads = [];
    const reader = new ResponseReader({
        informational() { },
        head: (head) => heads.push(head),
        body() { },
        end: () => reader.start('GET'),
    });
    reader.start('GET');
    const first = `${ok}Content-Length: 0\r\n\r\n`;
    t.equal(reader.read(Buffer.from(`${first}${ok}Content-Length: 6\r\n\r\npoison`)), first.length);
    t.equal(heads.length, 1);
    t.equal(reader.bytesSeen, 0);
});
t.test('bodies are views of what was read, not copies', async (t) => {
    const record = new Recorder();
    const reader = new ResponseReader(record);
    for (const head of [`${ok}Content-Length: 5\r\n\r\n`, `${chunked}5\r\n`]) {
        const bytes = Buffer.from(`${head}hello${head.endsWith('\r\n\r\n') ? '' : '\r\n0\r\n\r\n'}`);
        reader.start('GET');
        reader.read(bytes);
        t.equal(record.chunks.at(-1)?.buffer, bytes.buffer);
        record.trailers = undefined;
    }
    const whole = Buffer.from('hello');
    reader.start('GET');
    reader.read(Buffer.from(`${ok}Content-Length: 5\r\n\r\n`));
    reader.read(whole);
    t.equal(record.chunks.at(-1), whole);
});
t.test('what a sink throws breaks the reader', async (t) => {
    const record = new Recorder();
    record.head = () => {
        throw new Error('no');
    };
    const reader = new ResponseReader(record);
    reader.start('GET');
    t.throws(() => reader.read(Buffer.from(`${ok}\r\n`)), /no/);
    t.equal(reader.state, 'broken');
});
//# sourceMappingURL=response-reader.test.js.map