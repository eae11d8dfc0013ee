import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { CredentialProblems } from './credential-problem.ts';
import { misplaced, quoted } from './misplaced.ts';
import { pemBlocks, textOf } from './pem.ts';

/** A private key that has been opened. */
export interface OpenedKey {
  readonly key: KeyObject;
  /** Without encryption, so that nothing that opens it is needed later. */
  readonly pem: string;
}

/** A key that came in another form. To write it, OpenSSL makes all ready by which it writes keys. */
export function openedKey(key: KeyObject): OpenedKey {
  return { key, pem: key.export({ type: 'pkcs8', format: 'pem' }) as string };
}

/**
 * The private key of a PEM file; undefined if there is none, which is reported.
 *
 * @param name the file's, as it is shown
 */
export function readPrivateKey(
  name: string,
  content: Buffer,
  passphrase: string | undefined,
  problems: CredentialProblems,
): OpenedKey | undefined {
  const text = pemBlocks(textOf(content)).find(
    ({ label }) => label.endsWith('PRIVATE KEY') && label !== 'OPENSSH PRIVATE KEY',
  )?.text;
  if (text === undefined) {
    problems.error({ key: 'key' }, misplaced(name, content, 'key'));
    return undefined;
  }
  const isEncrypted = /^-----BEGIN ENCRYPTED|^Proc-Type:[ \t]*4,[ \t]*ENCRYPTED/m.test(text);
  if (isEncrypted && passphrase === undefined) {
    problems.error(
      { key: 'key' },
      `${name} is encrypted; add \`passphrase: { env: NAME }\` or \`{ file: PATH }\` beside it`,
    );
    return undefined;
  }
  try {
    const key = createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
    if (!isEncrypted && passphrase !== undefined) {
      problems.warn({ key: 'passphrase' }, `${name} is not encrypted; take the passphrase out, or encrypt the key`);
    }
    return passphrase === undefined ? { key, pem: text } : openedKey(key);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isEncrypted && code === 'ERR_OSSL_EVP_UNSUPPORTED') {
      problems.error(
        { key: 'key' },
        `${name} is encrypted by an algorithm that OpenSSL has given up; ${rewrite(name)}`,
      );
    } else if (isEncrypted) {
      // Not only BAD_DECRYPT: the wrong passphrase gives one padding in 256 that is valid, over what is no key.
      problems.error(
        { key: 'passphrase' },
        `the passphrase does not open ${name}; try it: openssl pkey -noout -in ${quoted(name)}`,
      );
    } else {
      problems.error({ key: 'key' }, `${name} is no private key that OpenSSL can read (${code}); export it again`);
    }
    return undefined;
  }
}

/** OpenSSL 3 reads the old algorithms only with its legacy provider. */
function rewrite(name: string): string {
  const file = quoted(name);
  return `run: openssl pkcs8 -topk8 -provider legacy -provider default -in ${file} -out ${file}.new`;
}
