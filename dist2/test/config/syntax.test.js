import t from 'tap';
import { explain, isStructural } from '../../src/config/syntax.js';
t.test('a syntax error is told in words that never repeat the text', async (t) => {
    t.match(explain('TAB_AS_INDENT'), /use spaces/);
    t.equal(explain('IMPOSSIBLE'), 'this is not valid YAML (IMPOSSIBLE)');
});
t.test('some errors leave the structure whole', async (t) => {
    t.equal(isStructural('TAB_AS_INDENT'), true);
    t.equal(isStructural('BAD_SCALAR_START'), false);
});
//# sourceMappingURL=syntax.test.js.map