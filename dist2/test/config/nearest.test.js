import t from 'tap';
import { distance, nearest } from '../../src/config/nearest.js';
t.test('edits are counted', async (t) => {
    const cases = [
        ['', '', 0],
        ['', 'abc', 3],
        ['tls', 'TLS', 0],
        ['timout', 'timeouts', 2],
        ['cret', 'cert', 1],
        ['kye', 'key', 1],
        ['abc', 'xyz', 3],
    ];
    for (const [one, other, edits] of cases) {
        t.equal(distance(one, other), edits, `${one} → ${other}`);
        t.equal(distance(other, one), edits, `${other} → ${one}`);
    }
});
t.test('the nearest word is proposed, none that is far', async (t) => {
    const known = ['tls', 'timeouts', 'ca', 'cert', 'keepAlive'];
    t.equal(nearest('timout', known), 'timeouts');
    t.equal(nearest('keep_alive', known), 'keepAlive');
    t.equal(nearest('cert', known), 'cert');
    t.equal(nearest('nonsense', known), undefined);
    t.equal(nearest('x', []), undefined);
});
//# sourceMappingURL=nearest.test.js.map