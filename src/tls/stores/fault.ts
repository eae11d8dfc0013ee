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

/** What rewrites a store with algorithms of today. OpenSSL 3.0 cannot read both key and certificate from one pipe. */
export const rewrite =
  'rewrite it: keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype PKCS12, ' +
  'or: openssl pkcs12 -legacy -in OLD -out OLD.pem && openssl pkcs12 -export -in OLD.pem -out NEW.p12';

/** An algorithm that is not read here, by its name or object identifier. */
export function unreadable(algorithm: string): KeystoreError {
  return new KeystoreError('algorithm', `it is protected by ${algorithm}, which is not read here; ${rewrite}`);
}

/** The bytes do not say what their format demands. */
export function damaged(what: string): KeystoreError {
  return new KeystoreError('damaged', `it is damaged (${what}); copy it again from where it was made`);
}
