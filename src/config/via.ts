import type * as v from 'valibot';
import type { ViaSettings } from './config.ts';
import type { Written } from './decode.ts';
import { type Path, resolveSecret, type Scope } from './resolve.ts';
import type { defaultsSchema } from './schema.ts';
import type { Scalar } from './tree.ts';

type WrittenVia = NonNullable<Written<typeof defaultsSchema>['via']> | v.InferOutput<typeof defaultsSchema>['via'];

/**
 * The CONNECT proxy as written in one place, which is the path: its secret read, its parts checked against each other.
 *
 * @returns `none` where the place says so; undefined if it says nothing, or nothing that could be read
 */
export function resolveVia(
  written: WrittenVia | undefined,
  path: Path,
  scope: Scope,
): ViaSettings | 'none' | undefined {
  if (written === undefined || written === 'none') return written;
  if ('hostname' in written) {
    warnOfPlainText(path, scope);
    checkCredentials(written, path, path, scope);
    return written;
  }
  const { url, username } = written;
  if (url === undefined) return undefined;
  warnOfPlainText([...path, 'url'], scope);
  const password =
    written.password === undefined ? undefined : resolveSecret(written.password, [...path, 'password'], scope);
  if (url.username !== undefined && username !== undefined) {
    scope.problem([...path, 'username'], 'the url has a user name already; take it out there');
  }
  if (username === undefined && written.password !== undefined) {
    scope.problem([...path, 'password'], 'a password needs its user name: "username"', 'absence');
  }
  const whole = { ...url, ...(username !== undefined && { username, password: password ?? '' }) };
  checkCredentials(whole, [...path, username === undefined ? 'url' : 'username'], [...path, 'password'], scope);
  return whole;
}

/** The password in a URL, if its characters stand in the file. */
function warnOfPlainText(path: Path, { written, problem }: Scope): void {
  // A URL was read there, so that it is a scalar.
  const { written: text } = written(path) as Scalar;
  const [, password = ''] = /:\/\/[^:@]*:(.*)@/s.exec(text) ?? [];
  if (password.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, '') === '') return;
  const way = 'via: { url, username, password: { env: NAME } } or { file: PATH } keep it out of this file';
  problem(path, `a secret in plain text; ${way}`, 'warning');
}

/** What the Basic scheme cannot carry (RFC 7617 section 2). */
function checkCredentials({ username = '', password = '' }: ViaSettings, user: Path, secret: Path, scope: Scope): void {
  if (username.includes(':')) scope.problem(user, 'a user name with a colon cannot be sent to a proxy (RFC 7617)');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant
  const control = /[\x00-\x1f\x7f]/;
  if (control.test(username)) scope.problem(user, 'the user name has control characters (RFC 7617)');
  if (control.test(password))
    scope.problem(secret, 'the password has control characters, such as a line end (RFC 7617)');
}
