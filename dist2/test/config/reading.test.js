import t from 'tap';
import { readText } from '../../src/config/reading.js';
const problems = (text) => {
    const reading = readText(text, {});
    return reading.problems
        .filter((each) => !reading.isUnsure(each))
        .map(({ offset, message }) => `${offset} ${message}`);
};
t.test('tabs do not hide what else is wrong', async (t) => {
    for (const indent of ['\t', ' \t', '\t\t']) {
        const text = `log:\n${indent}level: loud\ndrain: x\nlisten: 127.0.0.1:1\nroutes: []\n`;
        const found = problems(text).join('\n');
        t.match(found, new RegExp(`^${text.indexOf('loud')} "level" must be`, 'm'));
        t.match(found, new RegExp(`^${text.indexOf('x\n')} "drain" must be`, 'm'));
        t.match(found, /^[5-7] a tab cannot indent/m);
        t.equal(found.split('\n').length, 4, found);
    }
});
t.test('the width of a tab is the one that makes most sense', async (t) => {
    const text = 'listen: 127.0.0.1:1\nroutes:\n  - name: a\n    match: { path: / }\n    upstream: https://h\n    pool:\n\tkeepAlive: false\n';
    t.same(problems(text), [`${text.indexOf('\t')} a tab cannot indent in YAML; use spaces`]);
});
t.test('tabs in a file that is broken otherwise', async (t) => {
    const found = problems('drain: x\nlog:\n\tlevel: [\nlisten: 1\n');
    t.match(found, [/a tab cannot indent/, /indented too little/, /"drain" must be/]);
});
t.test('what stands before a syntax error is sure, what is missing is not', async (t) => {
    t.match(problems('drain: x\nlog: [\nlisten: 1\n'), [/indented too little|closing/, /"drain" must be/]);
    t.match(problems('drain: x\nlog: @\n'), [
        /must be quoted/,
        /"drain"/,
        /"log"/,
        /"listen" is missing/,
        /"routes" is missing/,
    ]);
});
//# sourceMappingURL=reading.test.js.map