import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultMode } from './addresses.js';
import { withoutSecrets } from './source.js';
/** One or many as many. */
export const asList = (value) => value === undefined ? [] : [value].flat();
/** An address with an absolute socket path; undefined when a part of it could not be read. */
export function resolveListen(written, folder) {
    if (written === undefined || 'host' in written)
        return written;
    const { unix, mode = defaultMode } = written;
    return unix === undefined ? undefined : { unix: resolve(folder, unix), mode };
}
/**
 * TLS settings as written in one place, which is the path: files absolute and checked, the secret read. What is not
 * written is not in the result.
 */
export function resolveTls(written, path, scope) {
    const { versions, ca, cert, key, passphrase, pins, crl, ...rest } = written;
    const file = (named, ...place) => named === undefined ? [] : [checkFile(named, [...path, ...place], scope)];
    const [certFile] = file(cert, 'cert');
    const [keyFile] = file(key, 'key');
    const password = passphrase === undefined ? undefined : resolveSecret(passphrase, [...path, 'passphrase'], scope);
    if (versions !== undefined)
        checkVersions(asList(versions), [...path, 'versions'], scope);
    return {
        ...rest,
        ...(versions !== undefined && { versions: asList(versions).filter(isRead) }),
        ...(ca !== undefined && {
            ca: ca === 'default' || ca === 'system' ? ca : asList(ca).flatMap((each, index) => file(each, 'ca', index)),
        }),
        ...(certFile !== undefined && { cert: certFile }),
        ...(keyFile !== undefined && { key: keyFile }),
        ...(password !== undefined && { passphrase: password }),
        ...(pins !== undefined && { pins: pins.filter(isRead) }),
        ...(crl !== undefined && { crl: asList(crl).flatMap((each, index) => file(each, 'crl', index)) }),
    };
}
const isRead = (value) => value !== undefined;
function checkVersions(versions, path, { problem }) {
    for (const [index, version] of versions.entries()) {
        if (version !== undefined && versions.indexOf(version) < index)
            problem([...path, index], `${version} is named twice`);
    }
    const old = versions.findIndex((version) => version === 'TLSv1' || version === 'TLSv1.1');
    if (old === -1)
        return;
    problem([...path, old], `${versions[old]} is broken (RFC 8996) and needs OpenSSL's security level 0 in the offers that carry it; remove it once the upstream speaks TLSv1.2`, 'warning');
}
function checkFile(named, path, { folder, files, problem }) {
    const file = resolve(folder, named);
    files.add(file);
    const reason = unreadable(() => {
        accessSync(file, constants.R_OK);
        if (statSync(file).isDirectory())
            throw Object.assign(new Error(), { code: 'EISDIR' });
    });
    if (reason !== undefined)
        problem(path, `cannot read ${withoutSecrets(file)}: ${reason}`);
    return file;
}
const reasons = {
    ENOENT: 'there is no such file',
    EACCES: 'this user may not read it',
    EISDIR: 'it is a directory',
};
/** Why a reading failed, in words; undefined when it did not. */
export function unreadable(reading) {
    try {
        reading();
        return undefined;
    }
    catch (error) {
        const { code = String(error) } = error;
        return reasons[code] ?? code;
    }
}
function resolveSecret(written, path, scope) {
    const tree = scope.written(path);
    if (typeof written === 'string') {
        const literal = tree?.kind === 'scalar' && !tree.referencesOnly;
        if (literal)
            scope.problem(path, 'a secret in plain text; { env: NAME } or { file: PATH } keep it out of this file', 'warning');
        return written;
    }
    const isEmpty = tree?.kind === 'map' && tree.entries.length === 0;
    if (isEmpty)
        scope.problem(path, 'a secret needs one of env and file', 'absence');
    if (written.env !== undefined && written.file !== undefined)
        scope.problem(path, 'a secret has one of env and file, not both');
    if (written.env !== undefined)
        return readVariable(written.env, [...path, 'env'], scope);
    return written.file === undefined ? undefined : readSecretFile(written.file, [...path, 'file'], scope);
}
function readVariable(name, path, { env, problem }) {
    const value = env[name];
    if (value === undefined)
        problem(path, `the environment variable ${name} is not set`);
    return value;
}
function readSecretFile(named, path, { folder, files, problem }) {
    const file = resolve(folder, named);
    files.add(file);
    let text;
    const reason = unreadable(() => {
        text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    });
    if (reason !== undefined)
        problem(path, `cannot read ${withoutSecrets(file)}: ${reason}`);
    return text;
}
//# sourceMappingURL=resolve.js.map