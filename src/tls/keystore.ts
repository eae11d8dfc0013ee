import type { KeyObject, X509Certificate } from 'node:crypto';

/** Why a store could not be read, told apart because each has another way out. */
export type StoreFault = 'format' | 'damaged' | 'password' | 'key-password' | 'algorithm' | 'alias' | 'empty';

/** A store that could not be read; the message is for people and says what to do, without the file's name. */
export class KeystoreError extends Error {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** A private key with its certificates, as they lie in the store: the key's own first where the store says so. */
export interface KeyEntry {
  readonly alias: string | undefined;
  readonly key: KeyObject;
  readonly certificates: readonly X509Certificate[];
}

/** What opens a store: the whole of it, and the key in it where that has another password. */
export interface StorePasswords {
  readonly password: string | undefined;
  readonly keyPassword?: string | undefined;
}

/**
 * The private key of a PKCS#12, JKS or JCEKS store.
 *
 * @param alias which one, where there are several; upper and lower case are one, as for keytool
 * @throws KeystoreError
 */
export function openKeyEntry(_store: Buffer, _passwords: StorePasswords, _alias?: string): KeyEntry {
  throw new KeystoreError('format', 'key stores are not read yet');
}

/**
 * The certificates that a PKCS#12, JKS or JCEKS store trusts.
 *
 * @throws KeystoreError
 */
export function openTrustAnchors(_store: Buffer, _password: string | undefined): readonly X509Certificate[] {
  throw new KeystoreError('format', 'key stores are not read yet');
}
