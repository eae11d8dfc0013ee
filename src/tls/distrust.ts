import { visible } from './distinguished-name.ts';
import type { Judgement } from './failure.ts';

/** What to do about a key, group or signature that OpenSSL holds for too weak. */
export const weak =
  'the upstream uses a key, DH group or signature weaker than OpenSSL allows by default; if it must be so, set `ciphers: "DEFAULT@SECLEVEL=0"` on this route';

/** What it means that the server's certificate does not verify: by X509_V_ERR name, Node's own codes, and ours. */
export function distrust(error: NodeJS.ErrnoException | undefined, code: string): Omit<Judgement, 'action'> {
  const because = (hint: string) => ({ outcome: 'server-certificate', cause: 'server-certificate', hint }) as const;
  if (/too weak/.test(error?.message ?? '')) return { outcome: 'policy', cause: 'tls-policy', hint: weak };
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return because('its certificate has expired; its operator must renew it (is the clock of this machine right?)');
    case 'CERT_NOT_YET_VALID':
      return because('its certificate is not valid yet; is the clock of this machine right?');
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return because(
        'its certificate is self-signed; if it is the right one, name that certificate in `ca` (`openssl s_client -connect HOST:PORT` prints it)',
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return because('its chain ends in a root that `ca` does not have; name that root in `ca`');
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return because(
        'the issuer of its certificate is not known here: name that authority in `ca`; if its root is there already, the server does not send its intermediate certificate: its operator must add it, or name it in `ca` beside the root (`openssl x509 -noout -text` shows under "CA Issuers" where to fetch it)',
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return because(
        `its certificate is for another name (${visible(reasonOf(error))}); set \`servername\` to a name that it bears`,
      );
    case 'ERR_TLS_PIN_MISMATCH':
    case 'ERR_TLS_NAME_ONLY_IN_CN':
      return because(reasonOf(error));
    case 'CERT_REVOKED':
      return because('its certificate is on the revocation list in `crl`');
    case 'UNABLE_TO_GET_CRL':
      return because('`crl` has no revocation list of an issuer in its chain; add one for each');
    case 'CRL_HAS_EXPIRED':
    case 'CRL_NOT_YET_VALID':
      return because('the revocation list in `crl` is not valid today; fetch the current one');
    case 'INVALID_PURPOSE':
      return because('its certificate is not made for servers (extended key usage)');
    default:
      return because(`its certificate does not verify (${code})`);
  }
}

function reasonOf(error: NodeJS.ErrnoException | undefined): string {
  const { reason, message } = error as Error & { reason?: unknown };
  return typeof reason === 'string' ? reason : message;
}
