import type { TlsSettings } from '../config/config.ts';
import type { Anchors } from './anchors.ts';
import { type ReadFile, readBytes } from './certificate-file.ts';
import type { CredentialPlace, CredentialProblems } from './credential-problem.ts';
import { misplaced } from './misplaced.ts';
import { pemBlocks, textOf } from './pem.ts';
import { isIssuer, type RevocationList, readRevocationList } from './revocation.ts';
import { dateOf } from './validity.ts';

/** `CRL` is no label of OpenSSL's, but some tools write it. */
const labels = ['X509 CRL', 'CRL'];

/** The revocation lists that a route names, PEM, one each; what is wrong with them is reported. */
export function readRevocationLists(
  { crl }: TlsSettings,
  anchors: Anchors,
  problems: CredentialProblems,
  read?: ReadFile,
): string[] {
  return crl.flatMap((file, index) => {
    const place = { key: 'crl', within: index } as const;
    const content = readBytes(file, place, problems, read);
    if (content === undefined) return [];
    const blocks = pemBlocks(textOf(content)).filter(({ label }) => labels.includes(label));
    if (blocks.length === 0) problems.error(place, misplaced(file, content, 'crl'));
    return blocks.flatMap(({ der }) => {
      const list = listIn(der);
      if (list === undefined) problems.error(place, `a revocation list in ${file} is damaged; fetch it again`);
      else doubt(list, file, place, anchors, problems);
      return list === undefined ? [] : [pemOf(der)];
    });
  });
}

function listIn(der: Buffer): RevocationList | undefined {
  try {
    return readRevocationList(der);
  } catch {
    return undefined;
  }
}

function doubt(
  list: RevocationList,
  file: string,
  place: CredentialPlace,
  anchors: Anchors,
  problems: CredentialProblems,
): void {
  const { issuerName, thisUpdate, nextUpdate } = list;
  const consequence = 'no server whose chain needs it is accepted';
  if (nextUpdate < Date.now()) {
    problems.warn(
      place,
      `${file}: the revocation list of ${issuerName} was good until ${dateOf(nextUpdate)}; fetch the current one, for ${consequence} meanwhile`,
    );
  } else if (thisUpdate > Date.now()) {
    problems.warn(
      place,
      `${file}: the revocation list of ${issuerName} is good only from ${dateOf(thisUpdate)} on, and ${consequence} before; is the clock of this machine right?`,
    );
  }
  if (!anchors.certificates().some((certificate) => isIssuer(certificate, list))) {
    problems.warn(
      place,
      `${file}: the issuer of this revocation list, ${issuerName}, is not trusted here; it counts only for a server that sends that authority's certificate`,
    );
  }
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN X509 CRL-----\n${lines}\n-----END X509 CRL-----\n`;
}
