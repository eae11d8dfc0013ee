import { createPublicKey, X509Certificate } from 'node:crypto';
import { pemBlocks, textOf } from './pem.ts';
import { readRevocationList } from './revocation.ts';
import { childrenOf, type Element, oidOf, readElement, tags } from './stores/der.ts';

/** What a file turns out to be, whatever its name says. */
export type Format =
  | 'empty'
  | 'cut'
  | 'certificate'
  | 'key'
  | 'openssh-key'
  | 'public-key'
  | 'request'
  | 'crl'
  | 'pkcs7'
  | 'certificate-der'
  | 'key-der'
  | 'public-key-der'
  | 'request-der'
  | 'crl-der'
  | 'pkcs7-der'
  | 'pkcs12'
  | 'jks'
  | 'jceks'
  | 'putty-key'
  | 'html'
  | 'base64'
  | 'unknown';

/** Tells what a file is, by what is in it. */
export function recognise(file: Buffer): Format {
  const magic = file.subarray(0, 4).toString('hex');
  if (magic === 'feedfeed') return 'jks';
  if (magic === 'cececece') return 'jceks';
  const text = textOf(file);
  if (text.trim() === '') return 'empty';
  const label = pemBlocks(text).find((each) => each.label !== 'EC PARAMETERS')?.label;
  if (label !== undefined) return formatOfLabel(label);
  if (text.includes('-----BEGIN ')) return 'cut';
  if (text.startsWith('PuTTY-User-Key-File')) return 'putty-key';
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) return 'html';
  if (file[0] === tags.sequence) return formatOfDer(file);
  const isBase64 = /^\s*MI[A-Za-z0-9+/=\s]+$/.test(text);
  return isBase64 && formatOfDer(Buffer.from(text, 'base64')) !== 'unknown' ? 'base64' : 'unknown';
}

function formatOfLabel(label: string): Format {
  if (label === 'OPENSSH PRIVATE KEY') return 'openssh-key';
  if (label.endsWith('PRIVATE KEY')) return 'key';
  if (label.endsWith('PUBLIC KEY')) return 'public-key';
  if (label.endsWith('CERTIFICATE REQUEST')) return 'request';
  if (label.endsWith('CERTIFICATE')) return 'certificate';
  if (label.endsWith('CRL')) return 'crl';
  return label === 'PKCS7' || label === 'CMS' ? 'pkcs7' : 'unknown';
}

function formatOfDer(der: Buffer): Format {
  if (succeeds(() => new X509Certificate(der))) return 'certificate-der';
  if (succeeds(() => readRevocationList(der))) return 'crl-der';
  if (succeeds(() => createPublicKey({ key: der, format: 'der', type: 'spki' }))) return 'public-key-der';
  try {
    return formatOfParts(childrenOf(readElement(der), tags.sequence));
  } catch {
    return 'unknown';
  }
}

/** By the beginnings of RFC 7292 section 4, RFC 5652 section 3, RFC 5958, RFC 8017 appendix A, RFC 5915, RFC 2986. */
function formatOfParts(parts: readonly Element[]): Format {
  const shape = parts.map(({ tag }) => tag);
  const inner = (index: number): string => {
    const part = parts[index];
    const [first] = part?.tag === tags.sequence ? childrenOf(part, tags.sequence) : [];
    return first?.tag === tags.oid ? oidOf(first) : '';
  };
  if (shape[0] === tags.oid && oidOf(parts[0]).startsWith('1.2.840.113549.1.7.')) return 'pkcs7-der';
  if (shape[0] === tags.integer && inner(1).startsWith('1.2.840.113549.1.7.')) return 'pkcs12';
  const isPkcs8 = shape[0] === tags.integer && shape[2] === tags.octets && inner(1) !== '';
  const isSealed = shape[0] === tags.sequence && shape[1] === tags.octets && inner(0) !== '';
  const isTraditional = shape[0] === tags.integer && (shape[1] === tags.octets || shape.length >= 9);
  if (isPkcs8 || isSealed || isTraditional) return 'key-der';
  return shape[0] === tags.sequence && shape[2] === bits ? 'request-der' : 'unknown';
}

/** BIT STRING. */
const bits = 0x03;

function succeeds(reading: () => unknown): boolean {
  try {
    reading();
    return true;
  } catch {
    return false;
  }
}
