import { type Format, recognise } from './format.ts';
import type { KeystoreError } from './keystore.ts';

/** The keys that name a file. */
export type FileKey = 'cert' | 'key' | 'ca' | 'crl' | 'pfx' | 'keystore' | 'truststore';

/** What a person calls each format. */
const names: Readonly<Record<Format, string>> = {
  empty: 'is empty',
  cut: 'has a -----BEGIN …----- without its -----END …-----, so it is cut short',
  certificate: 'holds certificates',
  key: 'holds a private key',
  'openssh-key': 'holds a private key in the form of OpenSSH',
  'public-key': 'holds only a public key',
  request: 'holds a certificate request, not the certificate',
  crl: 'holds a revocation list',
  pkcs7: 'holds certificates as PKCS#7',
  'certificate-der': 'holds a certificate in DER, not in PEM',
  'key-der': 'holds a private key in DER, not in PEM',
  'public-key-der': 'holds only a public key',
  'request-der': 'holds a certificate request, not the certificate',
  'crl-der': 'holds a revocation list in DER, not in PEM',
  'pkcs7-der': 'holds certificates as PKCS#7',
  pkcs12: 'is a PKCS#12 store',
  jks: 'is a Java key store (JKS)',
  jceks: 'is a Java key store (JCEKS)',
  'putty-key': "holds a private key in PuTTY's form",
  html: 'is a web page, perhaps the error of a download',
  base64: 'holds base64 without its lines -----BEGIN …----- and -----END …-----',
  unknown: 'holds nothing that is known here',
};

/** What each key takes. */
const takes: Readonly<Record<FileKey, string>> = {
  cert: 'the client certificate in PEM (-----BEGIN CERTIFICATE-----)',
  key: 'its private key in PEM (-----BEGIN … PRIVATE KEY-----)',
  ca: 'certificates in PEM (-----BEGIN CERTIFICATE-----)',
  crl: 'revocation lists in PEM (-----BEGIN X509 CRL-----)',
  pfx: 'a PKCS#12 store',
  keystore: 'a PKCS#12, JKS or JCEKS store',
  truststore: 'a PKCS#12, JKS or JCEKS store',
};

/** The commands that make PEM of another form of the same thing. */
const conversions: Partial<Record<Format, (file: string) => string>> = {
  'certificate-der': (file) => `openssl x509 -inform der -in ${file} -out ${file}.pem`,
  'key-der': (file) => `openssl pkey -inform der -in ${file} -out ${file}.pem`,
  'crl-der': (file) => `openssl crl -inform der -in ${file} -out ${file}.pem`,
  pkcs7: (file) => `openssl pkcs7 -print_certs -in ${file} -out ${file}.pem`,
  'pkcs7-der': (file) => `openssl pkcs7 -inform der -print_certs -in ${file} -out ${file}.pem`,
  'openssh-key': (file) => `ssh-keygen -p -m PKCS8 -f ${file}`,
};

/** Which formats are what a key wants, once they are converted. */
const convertible: Readonly<Record<FileKey, readonly Format[]>> = {
  cert: ['certificate-der', 'pkcs7', 'pkcs7-der'],
  ca: ['certificate-der', 'pkcs7', 'pkcs7-der'],
  key: ['key-der', 'openssh-key'],
  crl: ['crl-der'],
  pfx: [],
  keystore: [],
  truststore: [],
};

/**
 * Says of a file that a key cannot take what it is and what to do: the key that takes it, or the command to run.
 *
 * @param name the file's, as it is shown
 */
export function misplaced(name: string, content: Buffer, key: FileKey): string {
  const format = recognise(content);
  const way = convertible[key].includes(format) ? convert(format, name) : placeOf(format, key);
  return `${name} ${names[format]}; ${way ?? `\`${key}\` takes ${takes[key]}`}`;
}

function convert(format: Format, name: string): string | undefined {
  return `run: ${conversions[format]?.(quoted(name))}`;
}

/** The key that takes what the file is. */
function placeOf(format: Format, key: FileKey): string | undefined {
  const ofTrust = key === 'ca' || key === 'truststore';
  switch (format) {
    case 'pkcs12':
      if (ofTrust) return 'name it with `truststore: { file: …, password: … }` instead of `ca`';
      return key === 'crl' ? undefined : 'name it with `pfx`, instead of `cert` and `key`';
    case 'jks':
    case 'jceks':
      if (ofTrust) return 'name it with `truststore: { file: …, password: … }` instead of `ca`';
      return key === 'crl'
        ? undefined
        : 'name it with `keystore: { file: …, password: … }`, instead of `cert` and `key`';
    case 'certificate':
      if (key === 'truststore') return 'name it with `ca` instead of `truststore`';
      return key === 'crl' ? undefined : 'name it with `cert`, and its private key with `key`';
    case 'key':
      return key === 'crl' || ofTrust ? undefined : 'name it with `key`, and its certificate with `cert`';
    case 'crl':
      return 'name it with `crl`';
    case 'putty-key':
      return 'export it in PuTTYgen (Conversions, Export OpenSSH key)';
    case 'request':
    case 'request-der':
      return 'name what the authority issued for it';
    default:
      return undefined;
  }
}

/**
 * Says why a store was refused: by its reader, unless it is no store at all and what it is can be told.
 *
 * @param password whether the route gives one
 */
export function refusedStore(
  name: string,
  content: Buffer,
  key: 'pfx' | 'keystore' | 'truststore',
  { fault, message }: KeystoreError,
  password: boolean,
): string {
  if (fault === 'format' && recognise(content) !== 'unknown') return misplaced(name, content, key);
  const command = trial[recognise(content)]?.(quoted(name));
  const told = `${name}: ${message.replace(standIn, (_all, option: string) => `${option} ${quoted(name)}`)}`;
  if (fault === 'password') {
    if (!password) return `${told} (\`${key === 'pfx' ? 'passphrase' : 'password'}\`)`;
    return command === undefined ? told : `${told}; try it: ${command}`;
  }
  return fault === 'key-password' && key === 'pfx' ? `${told}; name it with \`keystore\` instead of \`pfx\`` : told;
}

/** What stands for the store in the commands that its reader names. */
const standIn = /(-(?:src)?keystore|-in) (?:OLD|STORE)(?=\s)/g;

/** The commands that ask for a store's password and say whether it is right. */
const trial: Partial<Record<Format, (file: string) => string>> = {
  jks: (file) => `keytool -list -keystore ${file}`,
  jceks: (file) => `keytool -list -storetype JCEKS -keystore ${file}`,
  pkcs12: (file) => `openssl pkcs12 -legacy -noout -in ${file}`,
};

/** A file's name as a shell takes it. */
export function quoted(name: string): string {
  return /^[\w./@:+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
