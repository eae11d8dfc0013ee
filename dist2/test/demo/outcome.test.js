import t from 'tap';
import { explain, inOrder, judge } from '../../src/demo/outcome.js';
const attempt = (offer, outcome) => ({ offer, outcome, ms: 1 });
const answer = (upstream, protocol) => ({ upstream, protocol, clientCertificate: 'demo-client' });
const modern = {
    route: 'modern',
    status: 200,
    protocol: 'TLSv1.3',
    attempts: [attempt('TLSv1.3+TLSv1.2', 'ok')],
    fallbacks: [],
    answer: answer('modern', 'TLSv1.3'),
};
const fallback = { from: 'TLSv1.3+TLSv1.2', to: 'TLSv1.2', outcome: 'reset' };
const resets = {
    route: 'resets',
    status: 200,
    protocol: 'TLSv1.2',
    attempts: [attempt('TLSv1.3+TLSv1.2', 'reset'), attempt('TLSv1.2', 'ok')],
    fallbacks: [fallback],
    answer: answer('resets', 'TLSv1.2'),
};
const legacy = {
    route: 'legacy',
    status: 200,
    protocol: 'TLSv1',
    attempts: [attempt('TLSv1.2+TLSv1.1+TLSv1', 'ok')],
    fallbacks: [],
    answer: answer('legacy', 'TLSv1'),
};
const rejects = {
    route: 'rejects',
    status: 502,
    cause: 'client-certificate',
    attempts: [attempt('TLSv1.3+TLSv1.2', 'close')],
    fallbacks: [],
};
t.test('the right outcomes', async (t) => {
    for (const seen of [modern, resets, legacy, rejects]) {
        t.equal(judge(seen), undefined, seen.route);
        t.match(explain(seen), /^[A-Z].*\.$/, seen.route);
    }
});
t.test('also right: a rung of classical groups before the lower version, and no attempt told, TLS 1.0 apart', async (t) => {
    const classical = 'TLSv1.3+TLSv1.2/classical';
    const attempts = [attempt('TLSv1.3+TLSv1.2', 'reset'), attempt(classical, 'reset'), attempt('TLSv1.2', 'ok')];
    const fallbacks = [
        { ...fallback, to: classical },
        { ...fallback, from: classical },
    ];
    t.equal(judge({ ...resets, attempts, fallbacks }), undefined);
    t.equal(judge({ ...rejects, attempts: [] }), undefined);
    t.equal(judge({ ...legacy, fallbacks: [{ from: 'TLSv1.2', to: 'TLSv1.1+TLSv1', outcome: 'version' }] }), undefined);
});
t.test('wrong ones, each with its reason', async (t) => {
    const { status: _, ...unanswered } = modern;
    const { protocol: __, ...unlogged } = modern;
    const { cause: ___, ...uncaused } = rejects;
    const rows = [
        [unanswered, /^no response: for no known reason$/],
        [{ ...unanswered, error: 'socket hang up' }, /^no response: socket hang up$/],
        [{ ...modern, status: 500 }, /^the status is 500, not 200$/],
        [{ ...modern, status: 502, detail: 'Add TLSv1.' }, /^the status is 502, not 200: Add TLSv1\.$/],
        [{ ...modern, protocol: 'TLSv1.2' }, /^the log says protocol TLSv1\.2, not TLSv1\.3$/],
        [unlogged, /^the log says protocol nothing, not TLSv1\.3$/],
        [{ ...modern, answer: answer('legacy', 'TLSv1.3') }, /^the response is not from this upstream$/],
        [{ ...modern, answer: answer('modern', 'TLSv1.2') }, /^the upstream saw TLSv1\.2, not TLSv1\.3$/],
        [{ ...modern, answer: { upstream: 'modern' } }, /^the upstream saw nothing, not TLSv1\.3$/],
        [{ ...modern, answer: { upstream: 'modern', protocol: 'TLSv1.3' } }, /did not see our client certificate$/],
        [{ ...modern, attempts: [] }, /^no handshake that worked is in the log$/],
        [{ ...modern, fallbacks: [fallback] }, /^the log tells of a fallback where none is needed$/],
        [{ ...resets, fallbacks: [] }, /^no fallback after a reset is in the log$/],
        [{ ...resets, fallbacks: [{ ...fallback, outcome: 'alert' }] }, /^no fallback after a reset is in the log$/],
        [{ ...rejects, status: 200 }, /^the status is 200, not 502$/],
        [{ ...rejects, cause: 'server-fault' }, /^the cause is server-fault, not client-certificate$/],
        [uncaused, /^the cause is not given, not client-certificate$/],
        [{ ...rejects, fallbacks: [fallback] }, /^a lower version was tried$/],
        [{ ...rejects, attempts: [...rejects.attempts, attempt('TLSv1.2', 'close')] }, /^a lower version was tried$/],
    ];
    for (const [seen, reason] of rows) {
        t.match(judge(seen), reason);
        t.match(explain(seen), /^Wrong: /);
    }
});
t.test('the detail that the local program gets explains a rejection', async (t) => {
    t.equal(explain({ ...rejects, detail: 'Use another certificate.' }), 'Use another certificate.');
});
t.test('attempts in order', async (t) => {
    t.equal(inOrder(resets.attempts), 'TLSv1.3+TLSv1.2\u00a0reset →\u00a0TLSv1.2\u00a0ok');
    t.equal(inOrder([]), '-');
});
//# sourceMappingURL=outcome.test.js.map