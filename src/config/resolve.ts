import { resolve } from 'node:path';
import type * as v from 'valibot';
import { defaultMode } from './addresses.ts';
import type { KeystoreSettings, ListenAddress, Secret, TlsSettings } from './config.ts';
import type { Written } from './decode.ts';
import { notRegular } from './file-reader.ts';
import type { configSchema, defaultsSchema } from './schema.ts';
import { withoutSecrets } from './source.ts';
import type { Tree } from './tree.ts';

export type Path = readonly (string | number)[];

export type WrittenConfig = Written<typeof configSchema>;
type WrittenTls = NonNullable<Written<typeof defaultsSchema>['tls']>;
type WrittenListen = v.InferOutput<(typeof configSchema.entries)['admin']> | NonNullable<WrittenConfig['admin']>;

/** What the file's values mean outside of it: its folder, the environment, and a place to report to. */
export interface Scope {
  /** Absolute; paths in the file are relative to it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Every file named, absolute; filled here. */
  readonly files: Set<string>;
  /** The bytes of a file of at most so many octets. @throws an error whose `code` says why not */
  readonly read: (file: string, most: number) => Buffer;
  /** The value written at a path: by the route or, for `['routes', n, …]`, by `defaults`. */
  readonly written: (path: Path) => Tree | undefined;
  readonly problem: (path: Path, message: string, kind?: 'error' | 'warning' | 'absence') => void;
}

/** One or many as many. */
export const asList = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : ([value].flat() as readonly T[]);

/** An address with an absolute socket path; undefined when a part of it could not be read. */
export function resolveListen(written: WrittenListen | undefined, folder: string): ListenAddress | undefined {
  if (written === undefined || 'host' in written || 'systemd' in written) return written;
  const { unix, mode = defaultMode } = written;
  return unix === undefined ? undefined : { unix: resolve(folder, unix), mode };
}

/**
 * TLS settings as written in one place, which is the path: files absolute and checked, the secret read. What is not
 * written is not in the result.
 */
export function resolveTls(written: WrittenTls, path: Path, scope: Scope): Partial<TlsSettings> {
  const { versions, ca, truststore, cert, key, pfx, keystore, passphrase, pins, crl, ...rest } = written;
  const file = (named: string | undefined, ...place: Path): string[] =>
    named === undefined ? [] : [checkFile(named, [...path, ...place], scope)];
  const [certFile] = file(cert, 'cert');
  const [keyFile] = file(key, 'key');
  const [pfxFile] = file(pfx, 'pfx');
  const password = passphrase === undefined ? undefined : resolveSecret(passphrase, [...path, 'passphrase'], scope);
  if (versions !== undefined) checkVersions(asList(versions), [...path, 'versions'], scope);
  return {
    ...rest,
    ...(versions !== undefined && { versions: asList(versions).filter(isRead) }),
    ...(ca !== undefined && {
      ca: asList(ca).flatMap((each, index) => (isAnchorWord(each) ? [each] : file(each, 'ca', index))),
    }),
    ...(truststore !== undefined && { truststore: resolveStore(truststore, [...path, 'truststore'], scope) }),
    ...(certFile !== undefined && { cert: certFile }),
    ...(keyFile !== undefined && { key: keyFile }),
    ...(pfxFile !== undefined && { pfx: pfxFile }),
    ...(keystore !== undefined && { keystore: resolveStore(keystore, [...path, 'keystore'], scope) }),
    ...(password !== undefined && { passphrase: password }),
    ...(pins !== undefined && { pins: pins.filter(isRead) }),
    ...(crl !== undefined && { crl: asList(crl).flatMap((each, index) => file(each, 'crl', index)) }),
  };
}

const anchorWords = ['default', 'system', 'bundled'] as const;

/** Whether an item of `ca` is a word for roots that lie in no file of the user's. */
const isAnchorWord = (written: string | undefined): written is (typeof anchorWords)[number] =>
  anchorWords.some((word) => word === written);

type WrittenStore = NonNullable<WrittenTls['keystore']>;

function resolveStore(
  { file, password, alias, keyPassword }: WrittenStore,
  path: Path,
  scope: Scope,
): KeystoreSettings {
  const secret = (key: 'password' | 'keyPassword', written: WrittenStore[typeof key]) => {
    const text = written === undefined ? undefined : resolveSecret(written, [...path, key], scope);
    return text === undefined ? {} : { [key]: text };
  };
  return {
    ...(file !== undefined && { file: checkFile(file, [...path, 'file'], scope) }),
    ...secret('password', password),
    ...(alias !== undefined && { alias }),
    ...secret('keyPassword', keyPassword),
  };
}

/** Leaves out what could not be read. */
export const isRead = <T>(value: T | undefined): value is T => value !== undefined;

function checkVersions(versions: readonly (string | undefined)[], path: Path, { problem }: Scope): void {
  for (const [index, version] of versions.entries()) {
    if (version !== undefined && versions.indexOf(version) < index)
      problem([...path, index], `${version} is named twice`);
  }
  const old = versions.findIndex((version) => version === 'TLSv1' || version === 'TLSv1.1');
  if (old === -1) return;
  problem(
    [...path, old],
    `${versions[old]} is broken (RFC 8996) and needs OpenSSL's security level 0 in the offers that carry it; remove it once the upstream speaks TLSv1.2`,
    'warning',
  );
}

function checkFile(named: string, path: Path, { folder, files, read, problem }: Scope): string {
  const file = resolve(folder, named);
  files.add(file);
  const reason = unreadable(() => void read(file, maxFile));
  if (reason !== undefined) problem(path, `cannot read ${withoutSecrets(file)}: ${reason}`);
  return file;
}

/** Octets. Revocation lists grow large; certificates, keys and stores do not. */
export const maxFile = 64 << 20;
const maxSecretFile = 64 << 10;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  ERR_ACCESS_DENIED: "Node's permission model forbids it; start it with --allow-fs-read for that path too",
  EISDIR: 'it is a directory',
  ENOTDIR: 'what stands before the last / is no directory',
  ELOOP: 'its symbolic links go round in a circle',
  [notRegular]: 'it is a pipe, socket or device; write its content to a file',
};

/** Why a reading failed, in words; undefined when it did not. */
export function unreadable(reading: () => void): string | undefined {
  try {
    reading();
    return undefined;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return reasons[code] ?? code;
  }
}

/** The text of a secret; undefined if it could not be read, which is reported. Warns of one in plain text. */
export function resolveSecret(
  written: NonNullable<WrittenTls['passphrase']>,
  path: Path,
  scope: Scope,
): Secret | undefined {
  const tree = scope.written(path);
  if (typeof written === 'string') {
    const literal = tree?.kind === 'scalar' && !tree.referencesOnly;
    if (literal)
      scope.problem(
        path,
        'a secret in plain text; { env: NAME } or { file: PATH } keep it out of this file',
        'warning',
      );
    return written;
  }
  const isEmpty = tree?.kind === 'map' && tree.entries.length === 0;
  if (isEmpty) scope.problem(path, 'a secret needs one of env and file', 'absence');
  if (written.env !== undefined && written.file !== undefined)
    scope.problem(path, 'a secret has one of env and file, not both');
  if (written.env !== undefined) return readVariable(written.env, [...path, 'env'], scope);
  return written.file === undefined ? undefined : readSecretFile(written.file, [...path, 'file'], scope);
}

function readVariable(name: string, path: Path, { env, problem }: Scope): Secret | undefined {
  const value = env[name];
  if (value === undefined) problem(path, `the environment variable ${name} is not set`);
  return value;
}

function readSecretFile(named: string, path: Path, { folder, files, read, problem }: Scope): Secret | undefined {
  const file = resolve(folder, named);
  files.add(file);
  let text: string | undefined;
  const reason = unreadable(() => {
    text = read(file, maxSecretFile)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  });
  if (reason !== undefined) problem(path, `cannot read ${withoutSecrets(file)}: ${reason}`);
  return text;
}
