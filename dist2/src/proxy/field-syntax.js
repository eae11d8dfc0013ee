/** Field names and lists of RFC 9110 section 5, compared without allocating: all of this runs on every message. */
const table = (allowed) => Uint8Array.from({ length: 256 }, (_, code) => (allowed(code) ? 1 : 0));
/** 1 for the octets of a token (RFC 9110 section 5.6.2). */
export const tchar = table((code) => /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(code)));
/** 1 for the octets of a field value or reason phrase: HTAB, SP, VCHAR, obs-text (RFC 9110 section 5.5). */
export const text = table((code) => code === 9 || (code >= 32 && code !== 127));
/**
 * Whether `name` is `lower` in any case. `lower` holds only lower-case letters and hyphens; `name` holds no control
 * characters, which a bit would otherwise turn into hyphens.
 */
export function isName(name, lower) {
    const length = lower.length;
    if (name.length !== length)
        return false;
    for (let i = 0; i < length; i++)
        if ((name.charCodeAt(i) | 0x20) !== lower.charCodeAt(i))
            return false;
    return true;
}
/** Whether the comma-separated `list` (RFC 9110 section 5.6.1) has the member `lower`, in any case; see {@link isName}. */
export function hasMember(list, lower) {
    return list.includes(',') ? members(list).some((member) => isName(member, lower)) : isName(list, lower);
}
/** The members of a comma-separated list without the white space around them; empty members are left out. */
export function members(list) {
    const found = [];
    for (const member of list.split(',')) {
        const trimmed = member.trim();
        if (trimmed !== '')
            found.push(trimmed);
    }
    return found;
}
//# sourceMappingURL=field-syntax.js.map