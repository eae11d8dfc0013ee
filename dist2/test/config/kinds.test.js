import t from 'tap';
import * as v from 'valibot';
import { scalar, word } from '../../src/config/kinds.js';
t.test('a word is one of a closed set', async (t) => {
    const kind = word('a', 'b');
    t.equal(v.parse(kind, 'a'), 'a');
    t.equal(v.safeParse(kind, 'c').success, false);
    t.equal(v.getTitle(kind), 'one of a, b');
});
t.test('a bug of a parser is no problem of the configuration', async (t) => {
    const kind = scalar('anything', () => {
        throw new RangeError('bug');
    });
    t.throws(() => v.parse(kind, 'x'), new RangeError('bug'));
});
//# sourceMappingURL=kinds.test.js.map