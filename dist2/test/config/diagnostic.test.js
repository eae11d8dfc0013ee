import t from 'tap';
import { byPlace, render } from '../../src/config/diagnostic.js';
const diagnostic = {
    severity: 'error',
    file: 'p.yaml',
    line: 2,
    column: 5,
    message: 'no',
    source: '\ta: b',
};
t.test('a problem is its place, the line and a caret, tabs repeated', async (t) => {
    t.equal(render(diagnostic), 'p.yaml:2:5: no\n\ta: b\n\t   ^');
    t.equal(render({ ...diagnostic, severity: 'warning' }), 'p.yaml:2:5: warning: no\n\ta: b\n\t   ^');
});
t.test('without a line there is nothing to point at', async (t) => {
    t.equal(render({ ...diagnostic, source: '' }), 'p.yaml:2:5: no');
});
t.test('problems are ordered by line, column, severity', async (t) => {
    const at = (line, column, severity = 'error') => ({
        ...diagnostic,
        line,
        column,
        severity,
    });
    const ordered = [at(1, 9), at(2, 1), at(2, 3), at(2, 3, 'warning')];
    t.same([...ordered].reverse().sort(byPlace), ordered);
});
//# sourceMappingURL=diagnostic.test.js.map