import t from 'tap';
import { plain, renderTable, styleOf } from '../../src/cli/table.js';
const ascii = { columns: 100, unicode: false, colour: false };
const headings = ['route', 'the upstream', 'attempts'];
const rows = [
    {
        good: true,
        cells: ['/a', 'speaks TLS 1.2', 'TLSv1.3\u00a0reset →\u00a0TLSv1.2\u00a0ok'],
        note: 'As it should be.',
    },
    { good: false, cells: ['/bcd', 'is silent', '-'], note: 'Wrong: “nothing” came…' },
];
t.test('styles: a terminal, none, a dumb one, and NO_COLOR', async (t) => {
    t.same(styleOf({}, {}), ascii);
    t.same(styleOf({ isTTY: true, columns: 90 }, { TERM: 'dumb' }), ascii);
    t.same(styleOf({ isTTY: true, columns: 90 }, { TERM: 'xterm' }), { columns: 90, unicode: true, colour: true });
    t.same(styleOf({ isTTY: true }, { NO_COLOR: '' }), { columns: 100, unicode: true, colour: true });
    t.same(styleOf({ isTTY: true, columns: 20 }, { NO_COLOR: '1' }), { columns: 80, unicode: true, colour: false });
    t.equal(styleOf({ isTTY: true, columns: 300 }, {}).columns, 120);
});
t.test('plain ASCII where it is asked for', async (t) => {
    t.equal(renderTable(headings, rows, ascii), `   route  the upstream    attempts

ok /a     speaks TLS 1.2  TLSv1.3 reset -> TLSv1.2 ok
   As it should be.

!! /bcd   is silent       -
   Wrong: "nothing" came...
`);
});
t.test('marks and colours on a terminal', async (t) => {
    const text = renderTable(headings, rows, { columns: 100, unicode: true, colour: true });
    t.match(text, '\x1b[32m✔ \x1b[0m /a');
    t.match(text, '\x1b[31m✘ \x1b[0m /bcd');
    t.match(text, 'TLSv1.3 reset → TLSv1.2 ok\n');
    t.match(text, '\x1b[31mWrong: “nothing” came…\x1b[0m');
});
t.test('wraps the widest cells at spaces, so that each line fits', async (t) => {
    for (let columns = 33; columns < 60; columns++) {
        const lines = renderTable(headings, rows, { ...ascii, columns }).split('\n');
        t.same(lines.filter((line) => line.length > columns), [], `${columns} columns`);
    }
    t.match(renderTable(headings, rows, { ...ascii, columns: 33 }), `ok /a     speaks    TLSv1.3 reset
          TLS 1.2   -> TLSv1.2 ok
   As it should be.
`);
});
t.test('cuts no word, even if a line gets too long', async (t) => {
    const text = renderTable(['a'], [{ good: true, cells: ['long-long-word'], note: '' }], { ...ascii, columns: 10 });
    t.match(text, 'ok long-long-word\n');
    t.equal(renderTable([], [], ascii), '   \n');
});
t.test('text from elsewhere cannot steer the terminal', async (t) => {
    t.equal(plain('a\x1b[31mb\nc\u00a0d\u00e9', ascii), 'ab c d?');
    t.equal(plain('a\x1b[31mb\r\nc\u00a0d\u00e9', { ...ascii, unicode: true }), 'ab c d\u00e9');
});
//# sourceMappingURL=table.test.js.map