import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.js';
import { hasIdentity, proposalsOf, withoutIdentity } from '../../src/tls/survey-plan.js';
import { postQuantum } from '../fixtures/ladder.js';
import { makePki, writePki } from '../fixtures/pki.js';
const directory = t.testdir({});
await writePki(directory, await makePki());
const trusting = { ...routeTo('https://localhost').tls, ca: [`${directory}/ca.pem`] };
const settings = { ...trusting, cert: `${directory}/client.crt`, key: `${directory}/client.key` };
t.test('proposals', async (t) => {
    t.ok(hasIdentity(settings));
    t.notOk(hasIdentity(withoutIdentity(settings)));
    t.same(proposalsOf(trusting, 'TLSv1.2').map(({ groups }) => groups), ['default']);
    for (const version of ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1']) {
        for (const { ready } of proposalsOf(settings, version)) {
            t.match(ready, { offer: { min: version, max: version, legacy: version < 'TLSv1.2' } });
        }
    }
    const own = proposalsOf({ ...trusting, groups: 'X25519' }, 'TLSv1.3').map(({ groups }) => groups);
    t.same(own.slice(0, 2), ['configured', 'default']);
});
t.test('a post-quantum group alone, where such groups are proposed by default', async (t) => {
    const alone = (version, byDefault) => proposalsOf(trusting, version, byDefault).find(({ groups }) => groups === 'post-quantum')?.ready;
    const known = { offer: { min: 'TLSv1.3', max: 'TLSv1.3', groups: 'X25519MLKEM768' } };
    const unknown = { key: 'groups', message: /does not know all of these groups/ };
    t.match(alone('TLSv1.3', true), postQuantum ? known : unknown);
    t.equal(alone('TLSv1.3', false), undefined);
    t.equal(alone('TLSv1.2', true), undefined, 'only TLS 1.3 has them');
});
//# sourceMappingURL=survey-plan.test.js.map