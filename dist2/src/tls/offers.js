/** Versions from the lowest to the highest. */
export const versionOrder = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** The classical groups that OpenSSL proposes by default, in its order of preference. */
const classicalDefault = 'X25519:P-256:X448:P-521:P-384';
/** Whether this runtime's OpenSSL proposes a post-quantum group by default: since 3.5 it sends X25519MLKEM768. */
export const postQuantumByDefault = isPostQuantumDefault(process.versions.openssl);
/** As {@link postQuantumByDefault}, for the OpenSSL version given as `MAJOR.MINOR.PATCH`. */
export function isPostQuantumDefault(openssl) {
    const [major = 0, minor = 0] = openssl.split('.').map(Number);
    return major > 3 || (major === 3 && minor >= 5);
}
/**
 * A route's ladder: its offers in the order in which they are tried.
 *
 * `exact`: one version each, as written. `range`: each offer is the first version left and those of the rest that
 * OpenSSL can propose with it in one ClientHello: an unbroken range, and none that mixes TLS 1.2 and above with 1.1 and
 * below, because the lower ones need security level 0, which would hold for the higher ones too. An offer that carries
 * a post-quantum group is followed by the same versions with classical groups, so that a server which stumbles over a
 * long ClientHello is not taken for one that lacks the version.
 *
 * @param settings the route's versions (not empty), mode and groups
 * @param postQuantum whether OpenSSL's default groups have a post-quantum one
 */
export function offersOf(settings, postQuantum = postQuantumByDefault) {
    const { versions, offer: mode, groups } = settings;
    const offers = [];
    const seen = new Set();
    versions.forEach((first, index) => {
        const range = mode === 'exact' ? [first] : contiguous(first, versions.slice(index));
        const name = range.join('+');
        if (seen.has(name))
            return;
        seen.add(name);
        const offer = {
            name,
            min: range.at(-1),
            max: range[0],
            groups,
            legacy: versionOrder.indexOf(first) < versionOrder.indexOf('TLSv1.2'),
        };
        offers.push(offer);
        const classical = classicalGroups(offer, postQuantum);
        if (classical !== undefined)
            offers.push({ ...offer, name: `${name}/classical`, groups: classical });
    });
    return offers;
}
/** The unbroken range of `left` that holds `first` on one side of the border of security level 0, highest first. */
function contiguous(first, left) {
    const border = versionOrder.indexOf('TLSv1.2');
    const at = versionOrder.indexOf(first);
    const usable = (index) => left.includes(versionOrder[index]) && index < border === at < border;
    let low = at;
    while (usable(low - 1))
        low -= 1;
    let high = at;
    while (usable(high + 1))
        high += 1;
    return versionOrder.slice(low, high + 1).reverse();
}
/** The offer's groups without post-quantum ones; undefined where it has none of them, or nothing else. */
function classicalGroups(offer, postQuantum) {
    if (offer.max !== 'TLSv1.3')
        return undefined;
    if (offer.groups === undefined)
        return postQuantum ? classicalDefault : undefined;
    const names = offer.groups.split(/[:/]/);
    const classical = names.filter((name) => !/mlkem|kyber/i.test(name));
    return classical.length === names.length || classical.length === 0 ? undefined : classical.join(':');
}
//# sourceMappingURL=offers.js.map