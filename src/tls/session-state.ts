/** The first fields of a TLS 1.3 session as OpenSSL writes it: the form's version 1, and 0x0304. */
const tls13 = Buffer.from('02010102020304', 'hex');

/** What OpenSSL's ssl_asn1.c gives its optional fields. */
const tags = { sequence: 0x30, peer: 0xa3, verifyResult: 0xa5 } as const;

/**
 * A session without the server's certificate in it. OpenSSL would read that again for each connection that resumes the
 * session, twice, with the numbers of its key, and nobody looks at it: a resumed TLS 1.3 handshake shows no certificate
 * (RFC 8446 section 2.2), and Node takes it as verified if the session was accepted.
 *
 * Left as it is: a session up to TLS 1.2, which Node refuses without the certificate; one that notes a failed verification;
 * and whatever has another form than the known one.
 *
 * @param session as a 'session' event gives it: what OpenSSL wrote, behind what Node 22 and later puts before it
 */
export function withoutCertificate(session: Buffer): Buffer {
  const start = session.indexOf(tls13);
  const before = start - 4;
  if (before < 0 || !reachesToEnd(session, before)) return session;
  const kept: Buffer[] = [];
  for (let at = start; at < session.length; ) {
    const end = endOf(session, at);
    if (end === undefined || session[at] === tags.verifyResult) return session;
    if (session[at] !== tags.peer) kept.push(session.subarray(at, end));
    at = end;
  }
  const content = Buffer.concat(kept);
  return Buffer.concat([session.subarray(0, before), header(content.length), content]);
}

/** Whether a SEQUENCE with a length of two octets begins there that is the rest of the bytes. */
function reachesToEnd(bytes: Buffer, start: number): boolean {
  return (
    bytes[start] === tags.sequence &&
    bytes[start + 1] === 0x82 &&
    bytes.readUInt16BE(start + 2) === bytes.length - start - 4
  );
}

/** Where the element of DER ends that begins there; undefined if that is not within the bytes. */
function endOf(bytes: Buffer, start: number): number | undefined {
  const first = bytes[start + 1];
  if (first === undefined) return undefined;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const content = start + 2 + octets;
  // DER has no indefinite length (X.690 section 10.1), and a session none of more than two octets.
  if (first === 0x80 || octets > 2 || content > bytes.length) return undefined;
  const end = content + (octets === 0 ? first : bytes.readUIntBE(start + 2, octets));
  return end <= bytes.length ? end : undefined;
}

/** X.690 section 10.1: the length takes as few octets as it can. */
function header(length: number): Buffer {
  if (length < 0x80) return Buffer.from([tags.sequence, length]);
  if (length < 0x100) return Buffer.from([tags.sequence, 0x81, length]);
  return Buffer.from([tags.sequence, 0x82, length >> 8, length & 0xff]);
}
