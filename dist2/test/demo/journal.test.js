import t from 'tap';
import { inWords, Journal } from '../../src/demo/journal.js';
const never = new AbortController().signal;
t.test('keeps the lines that are JSON objects', async (t) => {
    const journal = new Journal();
    journal.write('{"msg":"listening"}\n{"msg":"request"}\n');
    journal.write('plain words\n');
    journal.write('7\nnull\n');
    t.same(journal.lines, [{ msg: 'listening' }, { msg: 'request' }]);
});
t.test('keeps only the last lines', async (t) => {
    const journal = new Journal();
    for (let ms = 0; ms < 1200; ms++)
        journal.write(`{"ms":${ms}}\n`);
    t.equal(journal.lines.length, 1000);
    t.same(journal.lines.at(-1), { ms: 1199 });
});
t.test('finds a line that is there, one that comes, and gives up when told', async (t) => {
    const journal = new Journal();
    const isRequest = (line) => line.msg === 'request';
    const coming = journal.find(isRequest, never);
    journal.write('{"msg":"fallback"}');
    journal.write('{"msg":"request","status":200}');
    t.same(await coming, { msg: 'request', status: 200 });
    t.same(await journal.find(isRequest, never), { msg: 'request', status: 200 });
    const controller = new AbortController();
    const vain = journal.find(() => false, controller.signal);
    controller.abort();
    t.equal(await vain, undefined);
    t.equal(await journal.find(() => false, controller.signal), undefined);
});
t.test('follows until ended', async (t) => {
    const journal = new Journal();
    const seen = [];
    const end = journal.follow((line) => seen.push(line));
    journal.write('{"msg":"one"}');
    end();
    journal.write('{"msg":"two"}');
    t.same(seen, [{ msg: 'one' }]);
});
t.test('lines in words', async (t) => {
    const attempts = [{ offer: 'TLSv1.2', outcome: 'ok', ms: 3 }];
    const rows = [
        [{ msg: 'handshake', route: 'iot', attempts }, 'handshake iot TLSv1.2\u00a0ok'],
        [
            { msg: 'fallback', route: 'iot', from: 'TLSv1.3+TLSv1.2', to: 'TLSv1.2', outcome: 'reset' },
            'fallback  iot TLSv1.3+TLSv1.2 reset → TLSv1.2',
        ],
        [{ msg: 'recovered', route: 'iot', protocol: 'TLSv1.3' }, 'recovered iot TLSv1.3'],
        [
            {
                msg: 'request',
                route: 'iot',
                method: 'GET',
                path: '/iot/x',
                status: 200,
                protocol: 'TLSv1.3',
                reused: true,
                ms: 2,
            },
            'request   iot GET /iot/x 200 TLSv1.3 reused 2 ms',
        ],
        [{ msg: 'request', status: 502, cause: 'refused', reused: false }, 'request   502 refused'],
        [{ msg: 'listening' }, undefined],
    ];
    for (const [line, words] of rows)
        t.equal(inWords(line), words);
});
//# sourceMappingURL=journal.test.js.map