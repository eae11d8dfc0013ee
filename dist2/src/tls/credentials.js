import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { offersOf } from './offers.js';
import { defaultAnchors, pemBlocks, systemAnchors } from './trust.js';
/** SSL_OP_LEGACY_SERVER_CONNECT: allows servers that do not know RFC 5746. */
const legacyServerConnect = 0x4;
/**
 * Reads and proves everything that a route's `tls` names, and builds one SecureContext per offer.
 *
 * @param system reads the system's trust anchors
 * @returns the credentials, or every problem found; never throws for what a user wrote
 */
export function loadCredentials(settings, system = systemAnchors) {
    const problems = [];
    const report = (key, message, index) => {
        problems.push(index === undefined ? { key, message } : { key, message, index });
    };
    const identity = readIdentity(settings, report);
    const ca = readAnchors(settings, system, report);
    const crl = settings.crl.flatMap((file, index) => readPem(file, 'X509 CRL', (m) => report('crl', m, index)));
    if (problems.length > 0)
        return problems;
    const options = { ca: [...ca] };
    if (identity !== undefined) {
        options.cert = identity.pem;
        options.key = identity.key;
    }
    if (crl.length > 0)
        options.crl = crl;
    if (settings.legacyServerConnect)
        options.secureOptions = legacyServerConnect;
    const offers = offersOf(settings);
    const contexts = [];
    for (const offer of offers) {
        try {
            contexts.push(contextOf(offer, settings.ciphers, options));
        }
        catch (error) {
            const { key, message } = explain(error, offer);
            report(key, message);
            break;
        }
    }
    return problems.length > 0 ? problems : { offers, contexts, certificate: identity?.certificate };
}
/** Only the context of TLS 1.0 and 1.1 has security level 0: an explicit level would hold for any version in it. */
function contextOf(offer, ciphers, options) {
    const own = { ...options, minVersion: offer.min, maxVersion: offer.max };
    if (offer.groups !== undefined)
        own.ecdhCurve = offer.groups;
    if (ciphers !== undefined)
        own.ciphers = ciphers;
    if (offer.legacy && !ciphers?.includes('@SECLEVEL'))
        own.ciphers = `${ciphers ?? 'DEFAULT'}@SECLEVEL=0`;
    return tls.createSecureContext(own);
}
function readIdentity(settings, report) {
    if (settings.cert === undefined || settings.key === undefined)
        return undefined;
    const chain = readPem(settings.cert, 'CERTIFICATE', (message) => report('cert', message));
    const key = readKey(settings, report);
    if (chain[0] === undefined || key === undefined)
        return undefined;
    const certificate = new X509Certificate(chain[0]);
    if (!certificate.checkPrivateKey(key)) {
        report('key', `${settings.key} is not the key of the first certificate in ${settings.cert} (${oneLine(certificate)})`);
        return undefined;
    }
    return { pem: chain.join('\n'), key: key.export({ type: 'pkcs8', format: 'pem' }), certificate };
}
function readKey({ key: file, passphrase }, report) {
    const text = read(file, (message) => report('key', message));
    if (text === undefined)
        return undefined;
    if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
        report('key', `${file} holds no PEM private key (-----BEGIN … PRIVATE KEY-----)`);
        return undefined;
    }
    const encrypted = /ENCRYPTED/.test(text);
    if (encrypted && passphrase === undefined) {
        report('key', `${file} is encrypted; add \`passphrase: { env: NAME }\` or \`{ file: PATH }\` beside it`);
        return undefined;
    }
    try {
        return createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
    }
    catch (error) {
        const { code } = error;
        if (encrypted && code === 'ERR_OSSL_EVP_UNSUPPORTED') {
            report('key', `${file} is encrypted by an old algorithm; rewrite it: openssl pkcs8 -topk8 -in ${file} -out NEW`);
        }
        else if (encrypted) {
            // Not only BAD_DECRYPT: the wrong passphrase gives one padding in 256 that is valid, over what is no key.
            report('passphrase', `the passphrase does not open ${file}`);
        }
        else {
            report('key', `${file} is no private key that OpenSSL can read (${code})`);
        }
        return undefined;
    }
}
function readAnchors({ ca }, system, report) {
    if (ca === 'default')
        return defaultAnchors(system);
    if (ca !== 'system')
        return ca.flatMap((file, index) => readPem(file, 'CERTIFICATE', (m) => report('ca', m, index)));
    try {
        return system();
    }
    catch (error) {
        report('ca', error.message);
        return [];
    }
}
/** The PEM blocks of a kind; certificates that cannot be read are reported and left out. */
function readPem(file, kind, report) {
    const text = read(file, report);
    if (text === undefined)
        return [];
    const blocks = pemBlocks(text, kind);
    if (blocks.length === 0)
        report(`${file} holds no -----BEGIN ${kind}-----`);
    if (kind !== 'CERTIFICATE')
        return blocks;
    return blocks.filter((block, index) => {
        try {
            return new X509Certificate(block);
        }
        catch {
            report(`certificate ${index + 1} in ${file} is damaged`);
            return false;
        }
    });
}
function read(file, report) {
    try {
        return readFileSync(file, 'latin1');
    }
    catch (error) {
        report(`${file} cannot be read (${error.code})`);
        return undefined;
    }
}
/** The few things that OpenSSL refuses only when the context is built, each with the key to look at. */
function explain({ code, message }, offer) {
    // Node has texts of its own, and one code, for what it does not ask OpenSSL's error queue about.
    const told = code === 'ERR_CRYPTO_OPERATION_FAILED' ? message : String(code);
    if (/KEY_TOO_SMALL|MD_TOO_WEAK/.test(told)) {
        const weak = `our certificate is too weak for OpenSSL's default level (${told}); renew it, or set \`ciphers: "DEFAULT@SECLEVEL=0"\``;
        return { key: 'cert', message: weak };
    }
    if (/CIPHER/.test(told))
        return { key: 'ciphers', message: `OpenSSL knows no cipher of this list (${told})` };
    if (/CRL/.test(told))
        return { key: 'crl', message: `the revocation list is damaged (${told})` };
    if (/ECDH curve/.test(told)) {
        return { key: 'groups', message: `this OpenSSL (${process.versions.openssl}) does not know all of these groups` };
    }
    return { key: 'versions', message: `OpenSSL cannot be set up for ${offer.name} (${told})` };
}
function oneLine(certificate) {
    return certificate.subject.split('\n').join(', ');
}
//# sourceMappingURL=credentials.js.map