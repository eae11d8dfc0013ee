import { createHash, randomBytes } from 'node:crypto';
import { type Authority, type Identity, makeAuthority, makePki, type Pki } from '../../test/fixtures/pki.ts';

/** What an upstream shows of itself: the first two are right. */
export type ServerName = 'good' | 'renewed' | 'expired' | 'wrong-name' | 'untrusted';

/** The certificates of a run. */
export interface Identities {
  readonly pki: Pki;
  readonly servers: Readonly<Record<ServerName, Identity>>;
  /** Another authority, which issued nothing that is used. */
  readonly stranger: Authority;
}

/** Makes them; keys are new in each run, whatever the seed. */
export async function makeIdentities(): Promise<Identities> {
  const pki = await makePki();
  const past = { notBefore: new Date(Date.now() - 10 * day), notAfter: new Date(Date.now() - day) };
  const [renewed, expired, wrong, stranger] = await Promise.all([
    pki.ca.issue({ name: 'localhost' }),
    pki.ca.issue({ name: 'localhost', ...past }),
    pki.ca.issue({ name: 'elsewhere', names: ['elsewhere.test'], ips: ['192.0.2.1'] }),
    makeAuthority({ name: 'Stranger CA' }),
  ]);
  const servers = { good: pki.server, renewed, expired, 'wrong-name': wrong, untrusted: pki.other.server };
  return { pki, servers, stranger };
}

/** Keys for a server's session tickets. A server that keeps them resumes what began under another certificate. */
export function ticketKeys(): Buffer {
  return createHash('sha384').update(randomBytes(32)).digest();
}

const day = 24 * 60 * 60 * 1000;
