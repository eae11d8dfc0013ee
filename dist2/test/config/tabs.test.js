import t from 'tap';
import { expandTabs } from '../../src/config/tabs.js';
t.test('tabs that indent become spaces, others stay', async (t) => {
    t.equal(expandTabs('a:\tb\n\tc: d\n  \t\te\n\t\n', 2).text, 'a:\tb\n  c: d\n      e\n\t\n');
});
t.test('every offset leads back', async (t) => {
    const text = 'a:\n\tb: c\n\t\td: e';
    const expanded = expandTabs(text, 4);
    for (const letter of 'abcde') {
        t.equal(expanded.original(expanded.text.indexOf(letter)), text.indexOf(letter), letter);
    }
    t.equal(expanded.original(3), 3, 'where a tab began');
    t.equal(expanded.original(5), 3, 'inside the spaces of a tab');
    t.equal(expanded.original(7), 4, 'behind them');
});
//# sourceMappingURL=tabs.test.js.map