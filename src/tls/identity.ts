import { createHash, X509Certificate } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import * as tls from 'node:tls';

/** What a route asks of the server's certificate besides its chain, which OpenSSL verifies. */
export interface ServerIdentity {
  /** The DNS name or IP address that the certificate must bear. */
  readonly name: string;
  /** False only beside pins. */
  readonly verifyHostname: boolean;
  /** `sha256/BASE64` of the SubjectPublicKeyInfo (RFC 7469 section 2.4); empty: none asked for. */
  readonly pins: readonly string[];
}

/** What each certificate was last found to be the right one for. */
const right = new WeakMap<tls.PeerCertificate, ServerIdentity>();

/**
 * Checks name and pins of the certificate that the server showed in a full handshake. In a resumed one it shows none. The very
 * same object is judged once for the very same identity.
 *
 * @returns the error to end the connection with, or undefined if the certificate is the right one
 */
export function checkIdentity(socket: tls.TLSSocket, identity: ServerIdentity): NodeJS.ErrnoException | undefined {
  const certificate = socket.getPeerCertificate();
  if (right.get(certificate) === identity) return undefined;
  const wrong = judge(certificate, identity);
  if (wrong === undefined) right.set(certificate, identity);
  return wrong;
}

function judge(certificate: tls.PeerCertificate, identity: ServerIdentity): NodeJS.ErrnoException | undefined {
  if (identity.verifyHostname) {
    const wrong = tls.checkServerIdentity(identity.name, certificate);
    if (wrong !== undefined && !bearsAddress(certificate, identity.name)) return wrong;
    if (isIP(identity.name) === 0 && !/(^|, )DNS:/.test(certificate.subjectaltname ?? ''))
      return namedOnlyInSubject(certificate);
  }
  if (identity.pins.length === 0) return undefined;
  const pin = spkiPin(new X509Certificate(certificate.raw));
  if (identity.pins.includes(pin)) return undefined;
  const error: NodeJS.ErrnoException = new Error(
    `none of the route's \`pins\` is that of its public key; if the new key is right, pin "${pin}"`,
  );
  error.code = 'ERR_TLS_PIN_MISMATCH';
  return error;
}

/** Node still reads the common name; RFC 9525 section 6.3 has given it up, as browsers have. */
function namedOnlyInSubject({ subject }: tls.PeerCertificate): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(
    `its certificate bears a name only as CN=${subject.CN}, which does not count (RFC 9525): its operator must renew it with a subjectAltName; until then, pin it with \`pins\` and \`verifyHostname: false\``,
  );
  error.code = 'ERR_TLS_NAME_ONLY_IN_CN';
  return error;
}

/** Node 22.23 takes an IPv6 address for a name and finds it in no certificate. */
function bearsAddress({ raw }: tls.PeerCertificate, name: string): boolean {
  return isIPv6(name) && new X509Certificate(raw).checkIP(name) !== undefined;
}

/** The pin of a certificate's public key: `sha256/` and the base64 of its SubjectPublicKeyInfo's hash. */
export function spkiPin(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}
