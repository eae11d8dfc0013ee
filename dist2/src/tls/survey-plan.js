import { loadCredentials } from './credentials.js';
import { postQuantumByDefault } from './offers.js';
/** The post-quantum group that OpenSSL proposes by default. */
const postQuantumGroup = 'X25519MLKEM768';
/**
 * The ways in which a version is proposed, each by an offer and a context of its own. A set is left out where its
 * ClientHello would be another's: OpenSSL proposes post-quantum groups with TLS 1.3 only.
 *
 * @param tls the route's credentials and trust; its versions and groups are not heeded
 * @param postQuantum whether OpenSSL's default groups have a post-quantum one
 */
export function proposalsOf(tls, version, postQuantum = postQuantumByDefault) {
    const { groups: configured, ...rest } = tls;
    const one = { ...rest, versions: [version], offer: 'exact' };
    const proposals = [];
    const add = (settings, names) => {
        const loaded = loadCredentials(settings);
        if (!('offers' in loaded)) {
            const [problem] = loaded;
            if (problem !== undefined && names[0] !== undefined)
                proposals.push({ groups: names[0], ready: problem });
            return;
        }
        names.forEach((groups, index) => {
            const [offer, context] = [loaded.offers[index], loaded.contexts[index]];
            if (offer !== undefined && context !== undefined)
                proposals.push({ groups, ready: { offer, context } });
        });
    };
    if (configured !== undefined)
        add({ ...one, groups: configured }, ['configured']);
    add(one, ['default', 'classical']);
    if (postQuantum && version === 'TLSv1.3')
        add({ ...one, groups: postQuantumGroup }, ['post-quantum']);
    return proposals;
}
/** The same settings of a client that has no certificate. */
export function withoutIdentity({ cert: _cert, key: _key, passphrase: _passphrase, ...rest }) {
    return rest;
}
/** Whether the settings name a client certificate. */
export function hasIdentity(tls) {
    return tls.cert !== undefined;
}
//# sourceMappingURL=survey-plan.js.map