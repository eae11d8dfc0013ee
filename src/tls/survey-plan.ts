import type { SecureContext } from 'node:tls';
import type { TlsSettings, Version } from '../config/config.ts';
import type { CredentialProblem } from './credential-problem.ts';
import { loadCredentials } from './credentials.ts';
import { type Offer, postQuantumByDefault } from './offers.ts';

/**
 * The key-exchange groups that a handshake proposes. `default`: those of this OpenSSL. `classical`: the same without
 * post-quantum ones. `post-quantum`: one of these alone. `configured`: what the route says.
 */
export type GroupSet = 'configured' | 'default' | 'classical' | 'post-quantum';

/** The post-quantum group that OpenSSL proposes by default. */
const postQuantumGroup = 'X25519MLKEM768';

/** One way to propose a version, or why this runtime cannot. */
export interface Proposal {
  readonly groups: GroupSet;
  readonly ready: { readonly offer: Offer; readonly context: SecureContext } | CredentialProblem;
}

/**
 * The ways in which a version is proposed, each by an offer and a context of its own. A set is left out where its
 * ClientHello would be another's: OpenSSL proposes post-quantum groups with TLS 1.3 only.
 *
 * @param tls the route's credentials and trust; its versions and groups are not heeded
 * @param postQuantum whether OpenSSL's default groups have a post-quantum one
 */
export function proposalsOf(
  tls: TlsSettings,
  version: Version,
  postQuantum: boolean = postQuantumByDefault,
): Proposal[] {
  const { groups: configured, ...rest } = tls;
  const one: TlsSettings = { ...rest, versions: [version], offer: 'exact' };
  const proposals: Proposal[] = [];
  const add = (settings: TlsSettings, names: readonly GroupSet[]): void => {
    const loaded = loadCredentials(settings);
    if (!('offers' in loaded)) {
      const problem = loaded.find(({ severity }) => severity === 'error');
      if (problem !== undefined && names[0] !== undefined) proposals.push({ groups: names[0], ready: problem });
      return;
    }
    names.forEach((groups, index) => {
      const [offer, context] = [loaded.offers[index], loaded.contexts[index]];
      if (offer !== undefined && context !== undefined) proposals.push({ groups, ready: { offer, context } });
    });
  };
  if (configured !== undefined) add({ ...one, groups: configured }, ['configured']);
  add(one, ['default', 'classical']);
  if (postQuantum && version === 'TLSv1.3') add({ ...one, groups: postQuantumGroup }, ['post-quantum']);
  return proposals;
}

/** The same settings of a client that has no certificate. */
export function withoutIdentity(tls: TlsSettings): TlsSettings {
  const { cert: _cert, key: _key, pfx: _pfx, keystore: _keystore, passphrase: _passphrase, ...rest } = tls;
  return rest;
}

/** Whether the settings name a client certificate. */
export function hasIdentity({ cert, pfx, keystore }: TlsSettings): boolean {
  return (cert ?? pfx ?? keystore) !== undefined;
}
