import type { SecureContext } from 'node:tls';
import { type Offer, postQuantumByDefault } from './offers.ts';

/** The classical groups that OpenSSL proposes by default, in its order, as Node calls them after a handshake. */
const classical = ['X25519', 'prime256v1', 'X448', 'secp384r1', 'secp521r1'] as const;

/** All groups that OpenSSL 3.5 and later proposes by default, in its order. */
const proposed = ['X25519MLKEM768', ...classical, 'ffdhe2048', 'ffdhe3072'] as const;

/** How long a server is taken to choose as it did, in milliseconds: if it learns a post-quantum group, it is sent a key for one then. */
const known = 3_600_000;

/**
 * Which group the server of a ladder chose last, offer by offer. OpenSSL sends two keys by default, one of them
 * post-quantum: 1,200 bytes, which make the ClientHello longer than one packet, and a twentieth of what a resumed handshake
 * costs. A server that chose a classical group gets a key for that alone (RFC 8446 section 4.2.8), and one that had to ask
 * for it need not ask again. What is proposed stays the same: a server that would rather have another group now asks for a
 * key for it (section 4.1.4).
 */
export class KeyShares {
  readonly #offers: readonly Offer[];
  readonly #now: () => number;
  readonly #chosen = new Map<number, { readonly group: string; readonly since: number }>();

  /** @param now a clock in milliseconds that never goes back */
  constructor(offers: readonly Offer[], now: () => number) {
    this.#offers = offers;
    this.#now = now;
  }

  /** The only group to send a key for with an offer; undefined: those that OpenSSL does by default. */
  of(index: number): string | undefined {
    const chosen = this.#chosen.get(index);
    return chosen !== undefined && this.#now() - chosen.since < known ? chosen.group : undefined;
  }

  /**
   * Notes what a TLS 1.3 server chose.
   *
   * @param group as Node calls it; a post-quantum one has no name in Node 22
   * @param shared the only group that it was sent a key for; undefined: those of the default
   */
  chose(index: number, group: string, shared: string | undefined): void {
    if (group === shared || this.#offers[index]?.groups !== undefined) return;
    if (isClassical(group)) this.#chosen.set(index, { group, since: this.#now() });
    else this.#chosen.delete(index);
  }

  /** Forgets what is noted of an offer, after an attempt with it failed. */
  forget(index: number): void {
    this.#chosen.delete(index);
  }
}

function isClassical(group: string): boolean {
  return (classical as readonly string[]).includes(group);
}

/** What a context sends a key for, where that is not the default. */
const shares = new WeakMap<SecureContext, string>();

/**
 * Has the next handshakes of a context send a key for one group only, of those that it proposes by default. Node has no
 * option for it: the list's mark of what gets a key is OpenSSL's, since 3.5, and a context takes no other list once it is
 * made, but by the function that makes it. A context of its own for each group would need the private key again. Before
 * OpenSSL 3.5 there is one key by default, and this does nothing.
 *
 * @param group as {@link KeyShares.of} gives it; undefined: OpenSSL's default
 */
export function shareKeyFor(
  group: string | undefined,
  context: SecureContext,
  postQuantum: boolean = postQuantumByDefault,
): void {
  if (!postQuantum || shares.get(context) === group) return;
  const handle = context.context as { setECDHCurve?(groups: string): void };
  // `?`: proposed if there is such a group; `*`: with a key.
  const marked = proposed.map((each) => (each === group ? `?*${each}` : `?${each}`));
  handle.setECDHCurve?.(group === undefined ? 'DEFAULT' : marked.join(':'));
  if (group === undefined) shares.delete(context);
  else shares.set(context, group);
}
