import { createHash, X509Certificate } from 'node:crypto';
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

/**
 * Checks name and pins of the certificate that the server showed. A resumed handshake shows none: that it was resumed
 * proves a server that passed this very check, because a session is kept for one route and only once it has.
 *
 * @returns the error to end the connection with, or undefined if the certificate is the right one
 */
export function checkIdentity(socket: tls.TLSSocket, identity: ServerIdentity): NodeJS.ErrnoException | undefined {
  if (socket.isSessionReused()) return undefined;
  const certificate = socket.getPeerCertificate();
  if (identity.verifyHostname) {
    const wrong = tls.checkServerIdentity(identity.name, certificate);
    if (wrong !== undefined) return wrong;
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

/** The pin of a certificate's public key: `sha256/` and the base64 of its SubjectPublicKeyInfo's hash. */
export function spkiPin(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}
