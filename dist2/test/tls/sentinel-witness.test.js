import t from 'tap';
import { offersOf } from '../../src/tls/offers.js';
import { isLowered, SentinelWitness } from '../../src/tls/sentinel-witness.js';
t.test('an offer is lowered when a version before it is not in it', async (t) => {
    const lowered = (versions, offer = 'range') => {
        const offers = offersOf({ versions, offer }, true);
        return offers.filter((_, index) => isLowered(offers, index)).map(({ name }) => name);
    };
    t.same(lowered(['TLSv1.3', 'TLSv1.2']), ['TLSv1.2'], 'classical groups lower no version');
    t.same(lowered(['TLSv1.2', 'TLSv1.1', 'TLSv1']), ['TLSv1.1+TLSv1', 'TLSv1']);
    t.same(lowered(['TLSv1.2']), []);
    t.same(lowered(['TLSv1.2', 'TLSv1.3'], 'exact'), []);
    t.same(lowered(['TLSv1.1', 'TLSv1.3', 'TLSv1.2'], 'exact'), ['TLSv1.2']);
});
t.test('before the handshake it has seen nothing', async (t) => {
    const witness = new SentinelWitness();
    witness.watch();
    t.equal(witness.sentinel, undefined);
    t.same(witness.alpn, []);
});
//# sourceMappingURL=sentinel-witness.test.js.map