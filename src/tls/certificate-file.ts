import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CredentialPlace, CredentialProblems } from './credential-problem.ts';
import { type FileKey, misplaced } from './misplaced.ts';
import { pemBlocks, textOf } from './pem.ts';
import { readElement } from './stores/der.ts';

/** Gives a file's bytes. @throws the system's error */
export type ReadFile = (file: string) => Buffer;

/** A file's bytes; undefined if it cannot be read, which is reported. */
export function readBytes(
  file: string,
  place: CredentialPlace,
  problems: CredentialProblems,
  read: ReadFile = readFileSync,
): Buffer | undefined {
  try {
    return read(file);
  } catch (error) {
    problems.error(place, `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}

/** The labels under which certificates lie in PEM files; the last one has trust settings behind the certificate. */
const labels = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/** The certificates of a PEM file; those that cannot be read are reported and left out. */
export function readCertificates(
  file: string,
  place: CredentialPlace & { readonly key: FileKey },
  problems: CredentialProblems,
  read: ReadFile = readFileSync,
): X509Certificate[] {
  const content = readBytes(file, place, problems, read);
  if (content === undefined) return [];
  const blocks = pemBlocks(textOf(content)).filter(({ label }) => labels.includes(label));
  if (blocks.length === 0) problems.error(place, misplaced(file, content, place.key));
  return blocks.flatMap(({ der }, index) => {
    try {
      return new X509Certificate(readElement(der).bytes);
    } catch {
      problems.error(place, `certificate ${index + 1} in ${file} is damaged; copy the file again`);
      return [];
    }
  });
}
