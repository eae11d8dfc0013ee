import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
/** Common name of the demo's client certificate: what an upstream says it saw. */
export const clientName = 'demo-client';
const day = 24 * 60 * 60 * 1000;
/**
 * Makes a throw-away PKI in memory, valid from an hour ago (for clocks that differ) until a day from now.
 * No `openssl` binary is needed. The RSA-2048 keys come from node:crypto, in parallel; forge, loaded only here, signs.
 */
export async function makePki() {
    const [{ default: forge }, caKey, serverKey, clientKey, foreignKey] = await Promise.all([
        import('node-forge'),
        makeKey(),
        makeKey(),
        makeKey(),
        makeKey(),
    ]);
    const { pki, md } = forge;
    const issue = (subject, key, issuer, issuerKey, extensions) => {
        const cert = pki.createCertificate();
        const privateKey = pki.privateKeyFromPem(key);
        cert.publicKey = pki.setRsaPublicKey(privateKey.n, privateKey.e);
        // RFC 5280 section 4.1.2.2: positive and not zero, so the first octet starts with the bits 01.
        const serial = randomBytes(16);
        serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
        cert.serialNumber = serial.toString('hex');
        cert.validity.notBefore = new Date(Date.now() - day / 24);
        cert.validity.notAfter = new Date(Date.now() + day);
        cert.setSubject(nameOf(subject));
        cert.setIssuer(nameOf(issuer));
        cert.setExtensions([...extensions, { name: 'subjectKeyIdentifier' }]);
        cert.sign(pki.privateKeyFromPem(issuerKey), md.sha256.create());
        return pki.certificateToPem(cert).replaceAll('\r\n', '\n');
    };
    const authority = [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ];
    const leaf = (purpose) => [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', [purpose]: true },
    ];
    const localNames = {
        name: 'subjectAltName',
        altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
            { type: 7, ip: '::1' },
        ],
    };
    return {
        ca: issue('Demo CA', caKey, 'Demo CA', caKey, authority),
        server: {
            cert: issue('localhost', serverKey, 'Demo CA', caKey, [...leaf('serverAuth'), localNames]),
            key: serverKey,
        },
        client: { cert: issue(clientName, clientKey, 'Demo CA', caKey, leaf('clientAuth')), key: clientKey },
        foreignCa: issue('Foreign CA', foreignKey, 'Foreign CA', foreignKey, authority),
    };
}
function nameOf(commonName) {
    return [
        { name: 'organizationName', value: 'local-mtls-proxy demo' },
        { name: 'commonName', value: commonName },
    ];
}
/** PKCS#1, the form that forge reads. */
async function makeKey() {
    const { privateKey } = await promisify(generateKeyPair)('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    return privateKey;
}
//# sourceMappingURL=pki.js.map