/** Field names and lists of RFC 9110 section 5, compared without allocating: all of this runs on every message. */

/** 1 for the octets of a token (RFC 9110 section 5.6.2). */
export const tchar = new Uint8Array(256).fill(1, 0x30, 0x3a).fill(1, 0x41, 0x5b).fill(1, 0x61, 0x7b);
for (const sign of "!#$%&'*+-.^_`|~") tchar[sign.charCodeAt(0)] = 1;

/** 1 for the octets of a field value or reason phrase: HTAB, SP, VCHAR, obs-text (RFC 9110 section 5.5). */
export const text = new Uint8Array(256).fill(1, 0x20).fill(1, 0x09, 0x0a).fill(0, 0x7f, 0x80);

/**
 * Whether `name` is `lower` in any case. `lower` holds only lower-case letters and hyphens; `name` holds no control
 * characters, which a bit would otherwise turn into hyphens.
 */
export function isName(name: string, lower: string): boolean {
  const length = lower.length;
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if ((name.charCodeAt(i) | 0x20) !== lower.charCodeAt(i)) return false;
  return true;
}

/** Whether the comma-separated `list` (RFC 9110 section 5.6.1) has the member `lower`, in any case; see {@link isName}. */
export function hasMember(list: string, lower: string): boolean {
  return list.includes(',') ? members(list).some((member) => isName(member, lower)) : isName(list, lower);
}

/** The members of a comma-separated list without the white space around them; empty members are left out. */
export function members(list: string): string[] {
  const found: string[] = [];
  for (const member of list.split(',')) {
    const trimmed = member.trim();
    if (trimmed !== '') found.push(trimmed);
  }
  return found;
}
