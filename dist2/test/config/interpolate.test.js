import t from 'tap';
import { interpolate } from '../../src/config/interpolate.js';
const env = { A: 'x', EMPTY: '', NESTED: '${A}', YAML: '[a, b]' };
t.test('references are replaced once, never read again', async (t) => {
    const cases = {
        plain: 'plain',
        '${A}': 'x',
        'a${A}b${A}': 'axbx',
        '${EMPTY}': '',
        '${EMPTY:-d}': 'd',
        '${NONE:-d}': 'd',
        '${NONE:-}': '',
        '${A:-d}': 'x',
        '${NESTED}': '${A}',
        '${YAML}': '[a, b]',
        '$${A}': '${A}',
        $A: '$A',
        $$: '$$',
    };
    for (const [written, text] of Object.entries(cases))
        t.match(interpolate(written, env), { text, problems: [] }, written);
});
t.test('what cannot be replaced is named with its place', async (t) => {
    t.match(interpolate('ab${NONE}', env).problems, [{ index: 2, message: /variable NONE is not set/ }]);
    t.match(interpolate('${A}${', env).problems, [{ index: 4, message: /begins a reference/ }]);
    t.match(interpolate('${1X}', env).problems, [{ index: 0, message: /begins a reference/ }]);
});
t.test('it tells whether the text is the file’s or the environment’s', async (t) => {
    const cases = [
        ['plain', false, false],
        ['$${A}', false, false],
        ['${A}${A}', true, true],
        ['a${A}', true, false],
        ['${A:-d}', true, false],
        ['', false, false],
    ];
    for (const [written, replaced, referencesOnly] of cases) {
        t.match(interpolate(written, env), { replaced, referencesOnly }, written);
    }
});
//# sourceMappingURL=interpolate.test.js.map