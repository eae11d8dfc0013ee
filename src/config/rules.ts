import { formatListen } from './addresses.ts';
import { checkAddresses, checkExposed } from './listen-rules.ts';
import { asList, type Path, resolveListen, type Scope, type WrittenConfig } from './resolve.ts';
import { alternatives, settleMatch } from './settings.ts';
import { checkUsers } from './users.ts';

/** What the rules need besides the values: the line of a place, to name it in a message about another. */
export interface RuleScope extends Scope {
  readonly lineOf: (path: Path) => number;
}

/** Reports what no single value shows: addresses, names, routes that tie, settings that need each other. */
export function checkRules(written: WrittenConfig, scope: RuleScope): void {
  checkAddresses(written, scope);
  checkExposed(written, scope);
  checkUsers(written, scope);
  checkPages(written, scope);
  checkNames(written, scope);
  checkMatches(written, scope);
  checkAlternatives(written.defaults?.tls ?? {}, ['defaults', 'tls'], scope);
  for (const [index, route] of (written.routes ?? []).entries()) {
    checkAlternatives(route?.tls ?? {}, ['routes', index, 'tls'], scope);
    checkTls(written, index, scope);
  }
}

function checkAlternatives(tls: object, path: Path, { problem, lineOf }: RuleScope): void {
  for (const groups of alternatives) {
    const written = groups.map((group) => group.find((key) => key in tls)).filter((key) => key !== undefined);
    const [first, ...others] = written;
    for (const other of others) {
      const line = lineOf([...path, first as string]);
      const choice = groups.map((group) => group.map((key) => `"${key}"`).join(' with ')).join(', ');
      problem([...path, other], `"${first}" is on line ${line} already; a route has only one of ${choice}`);
    }
  }
}

/** What browsers do not send, no listed page can send. */
function checkPages({ guard: { origins = [] } = {} }: WrittenConfig, { problem, written: treeAt }: RuleScope): void {
  if (origins.length === 0 || treeAt(['guard', 'token']) === undefined) return;
  const text = 'no page is let in beside "token", for none can send it (Proxy-Authorization); leave one of the two out';
  problem(['guard', 'origins'], text, 'warning');
}

function checkNames({ routes = [] }: WrittenConfig, { problem, lineOf }: RuleScope): void {
  const first = new Map<string, number>();
  for (const [index, route] of routes.entries()) {
    if (route?.name === undefined) continue;
    const other = first.get(route.name);
    if (other === undefined) first.set(route.name, index);
    else
      problem(
        ['routes', index, 'name'],
        `the route on line ${lineOf(['routes', other])} has the name "${route.name}" already`,
      );
  }
}

function checkMatches({ listen, routes = [] }: WrittenConfig, scope: RuleScope): void {
  const { folder, problem, lineOf, written: treeAt } = scope;
  const listeners = asList(listen).map((each) => resolveListen(each, folder));
  const names = listeners.flatMap((address) => (address === undefined ? [] : formatListen(address)));
  const first = new Map<string, number>();
  for (const [index, route] of routes.entries()) {
    const path = ['routes', index, 'match'];
    const tree = treeAt(path);
    if (route?.match === undefined || tree === undefined) continue;
    const keys = tree.kind === 'map' ? tree.entries.length : 0;
    if (keys === 0) problem(path, '"match" needs at least one of path, host and listen', 'absence');
    const match = settleMatch(route.match, folder);
    if (match.listen !== undefined && names.length === listeners.length && !names.includes(match.listen)) {
      problem([...path, 'listen'], `"listen" does not name this address; it names ${names.join(', ') || 'none'}`);
    }
    if (keys === 0 || Object.keys(match).length !== keys) continue;
    const requests = JSON.stringify([match.path ?? '/', match.host, match.listen]);
    const other = first.get(requests);
    if (other === undefined) first.set(requests, index);
    else
      problem(
        path,
        `the route on line ${lineOf(['routes', other])} matches the same requests; give one another path, host or listen`,
      );
  }
}

function checkTls(
  { defaults, routes = [] }: WrittenConfig,
  index: number,
  { problem, written: treeAt }: RuleScope,
): void {
  const at = (key: string) => ['routes', index, 'tls', key];
  const [cert, key, pins] = [treeAt(at('cert')), treeAt(at('key')), treeAt(at('pins'))];
  const own = routes[index]?.tls ?? {};
  // `cert` or `key` of the defaults may be replaced by a store.
  const isReplaced = own.pfx !== undefined || own.keystore !== undefined;
  if (cert !== undefined && key === undefined && !isReplaced)
    problem(
      at('cert'),
      'a client certificate needs its private key: "key"; a PKCS#12 or JKS file belongs into "keystore"',
      'absence',
    );
  if (key !== undefined && cert === undefined && !isReplaced)
    problem(at('key'), 'a private key needs its client certificate: "cert"', 'absence');
  if (
    own.passphrase !== undefined &&
    (own.keystore !== undefined || (key === undefined && treeAt(at('pfx')) === undefined))
  ) {
    const instead = own.keystore === undefined ? '"key" or "pfx" is missing' : '"keystore" takes its own "password"';
    problem(at('passphrase'), `there is nothing that it opens: ${instead}`, 'warning');
  }
  const verify = routes[index]?.tls?.verifyHostname ?? defaults?.tls?.verifyHostname;
  if (verify === false && (pins?.kind !== 'list' || pins.items.length === 0)) {
    problem(at('verifyHostname'), 'without the name, "pins" must say which server is meant', 'absence');
  }
}
