import t from 'tap';
import { isPostQuantumDefault, offersOf, postQuantumByDefault, versionOrder } from '../../src/tls/offers.js';
const names = (versions, wanted = {}, postQuantum = false) => offersOf({ versions, offer: 'range', ...wanted }, postQuantum).map(({ name }) => name);
t.test('range: each rung leaves out the first of those left', async (t) => {
    t.same(names(['TLSv1.3', 'TLSv1.2']), ['TLSv1.3+TLSv1.2', 'TLSv1.2']);
    t.same(names(['TLSv1.2']), ['TLSv1.2']);
    t.same(names(['TLSv1.3']), ['TLSv1.3']);
    t.same(names(['TLSv1.1', 'TLSv1']), ['TLSv1.1+TLSv1', 'TLSv1']);
});
t.test('range: security level 0 never holds for TLS 1.2 and above', async (t) => {
    const offers = offersOf({ versions: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'], offer: 'range' }, false);
    t.same(offers.map(({ name, legacy, min, max }) => [name, legacy, min, max]), [
        ['TLSv1.3+TLSv1.2', false, 'TLSv1.2', 'TLSv1.3'],
        ['TLSv1.2', false, 'TLSv1.2', 'TLSv1.2'],
        ['TLSv1.1+TLSv1', true, 'TLSv1', 'TLSv1.1'],
        ['TLSv1', true, 'TLSv1', 'TLSv1'],
    ]);
});
t.test('range: a hole ends the range', async (t) => {
    t.same(names(['TLSv1.3', 'TLSv1.1']), ['TLSv1.3', 'TLSv1.1']);
    t.same(names(['TLSv1.3', 'TLSv1']), ['TLSv1.3', 'TLSv1']);
    t.same(names(['TLSv1.2', 'TLSv1']), ['TLSv1.2', 'TLSv1']);
});
t.test('range: any order written, each ClientHello once', async (t) => {
    t.same(names(['TLSv1.2', 'TLSv1.3']), ['TLSv1.3+TLSv1.2', 'TLSv1.3']);
    t.same(names(['TLSv1', 'TLSv1.3', 'TLSv1.1']), ['TLSv1.1+TLSv1', 'TLSv1.3', 'TLSv1.1']);
    t.same(names(['TLSv1.2', 'TLSv1.2']), ['TLSv1.2']);
});
t.test('exact: one version each, as written', async (t) => {
    t.same(names(['TLSv1.2', 'TLSv1.3', 'TLSv1'], { offer: 'exact' }), ['TLSv1.2', 'TLSv1.3', 'TLSv1']);
    t.same(names(['TLSv1.2', 'TLSv1.2'], { offer: 'exact' }), ['TLSv1.2']);
});
t.test('classical groups come before any lower version', async (t) => {
    t.same(names(['TLSv1.3', 'TLSv1.2'], {}, true), ['TLSv1.3+TLSv1.2', 'TLSv1.3+TLSv1.2/classical', 'TLSv1.2']);
    t.same(names(['TLSv1.2', 'TLSv1.3'], { offer: 'exact' }, true), ['TLSv1.2', 'TLSv1.3', 'TLSv1.3/classical']);
    const [, classical] = offersOf({ versions: ['TLSv1.3'], offer: 'range' }, true);
    t.same(classical, {
        name: 'TLSv1.3/classical',
        min: 'TLSv1.3',
        max: 'TLSv1.3',
        groups: 'X25519:P-256:X448:P-521:P-384',
        legacy: false,
    });
});
t.test('groups of the route decide, whatever the default', async (t) => {
    const groups = (wanted, postQuantum) => offersOf({ versions: ['TLSv1.3'], offer: 'range', groups: wanted }, postQuantum).map((offer) => offer.groups);
    for (const postQuantum of [true, false]) {
        t.same(groups('X25519:P-256', postQuantum), ['X25519:P-256']);
        t.same(groups('X25519MLKEM768:X25519:P-256', postQuantum), ['X25519MLKEM768:X25519:P-256', 'X25519:P-256']);
        t.same(groups('X25519MLKEM768/X25519', postQuantum), ['X25519MLKEM768/X25519', 'X25519']);
        t.same(groups('X25519Kyber768Draft00:P-384', postQuantum), ['X25519Kyber768Draft00:P-384', 'P-384']);
        t.same(groups('X25519MLKEM768', postQuantum), ['X25519MLKEM768'], 'nothing else is left');
    }
});
t.test('what OpenSSL proposes by default', async (t) => {
    for (const version of ['3.5.0', '3.5.8', '3.6.0-beta1', '4.0.0'])
        t.ok(isPostQuantumDefault(version), version);
    for (const version of ['1.1.1w', '3.0.19', '3.4.9', '', '3'])
        t.notOk(isPostQuantumDefault(version), version);
    const own = offersOf({ versions: ['TLSv1.3'], offer: 'range' });
    t.equal(own.length, postQuantumByDefault ? 2 : 1);
    t.same(versionOrder, ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
});
//# sourceMappingURL=offers.test.js.map