import type { FieldRules, RouteSettings } from './config.ts';
import type { Written } from './decode.ts';
import { type Path, resolveSecret, type Scope } from './resolve.ts';
import { Mismatch, parseFieldValue } from './scalars.ts';
import type { defaultsSchema } from './schema.ts';

type WrittenHeaders = NonNullable<Written<typeof defaultsSchema>['headers']>;
type WrittenRules = NonNullable<WrittenHeaders['request']>;
type Direction = keyof WrittenHeaders;

/** What one place says; `remove` undefined if it says nothing, which is not the same as an empty list. */
interface WrittenInOnePlace {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly remove: readonly string[] | undefined;
}

/** The rules of one place, for {@link mergeRules}. */
export type ResolvedRules = Readonly<Record<Direction, WrittenInOnePlace>>;

/** Reads the rules written at a path: secrets looked up, and what must not be touched reported. */
export function resolveRules(written: WrittenHeaders | undefined, path: Path, scope: Scope): ResolvedRules {
  const of = (direction: Direction) =>
    resolveDirection(written?.[direction] ?? {}, direction, [...path, direction], scope);
  return { request: of('request'), response: of('response') };
}

/** The rules of a route over those of `defaults`: fields one by one, in any case; a list to remove takes the other's place. */
export function mergeRules(defaults: ResolvedRules, route: ResolvedRules): RouteSettings['headers'] {
  return {
    request: mergeDirection(defaults.request, route.request),
    response: mergeDirection(defaults.response, route.response),
  };
}

function mergeDirection(defaults: WrittenInOnePlace, route: WrittenInOnePlace): FieldRules {
  const own = new Set([...route.set.map(([name]) => name.toLowerCase()), ...(route.remove ?? [])]);
  const set = [...defaults.set.filter(([name]) => !own.has(name.toLowerCase())), ...route.set];
  const isSet = new Set(set.map(([name]) => name.toLowerCase()));
  return { set: set.flat(), remove: (route.remove ?? defaults.remove ?? []).filter((name) => !isSet.has(name)) };
}

function resolveDirection(written: WrittenRules, direction: Direction, path: Path, scope: Scope): WrittenInOnePlace {
  const set: [string, string][] = [];
  const seen = new Set<string>();
  for (const [name, value] of written.set ?? []) {
    const at = [...path, 'set', name];
    const lower = name.toLowerCase();
    const reason = seen.has(lower) ? `${name} is set already, in another case` : reasonAgainst(lower, direction);
    seen.add(lower);
    if (reason !== undefined) scope.problem(at, reason);
    const text = typeof value === 'string' ? value : readValue(name, value, at, scope);
    if (direction === 'request' && typeof value === 'string') warnOfSecret(name, at, scope);
    if (text !== undefined) set.push([name, text]);
  }
  const remove = written.remove?.flatMap((name, index) => {
    if (name === undefined) return [];
    const lower = name.toLowerCase();
    const reason = seen.has(lower)
      ? `${name} is both set and removed; to set it is enough, it replaces what is there`
      : reasonAgainst(lower, direction);
    if (reason !== undefined) scope.problem([...path, 'remove', index], reason);
    return [lower];
  });
  return { set, remove };
}

function warnOfSecret(name: string, path: Path, { written, problem }: Scope): void {
  const tree = written(path);
  if (!speaksOfSecrets.test(name) || tree?.kind !== 'scalar' || tree.referencesOnly) return;
  const text = 'this looks like a secret in plain text; { env: NAME } or { file: PATH } keep it out of this file';
  problem(path, text, 'warning');
}

type WrittenSecret = Exclude<NonNullable<WrittenRules['set']>[number][1], string>;

function readValue(name: string, value: WrittenSecret, path: Path, scope: Scope): string | undefined {
  const text = resolveSecret(value, path, scope);
  if (text === undefined) return undefined;
  try {
    return parseFieldValue(text);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    scope.problem(path, `what "${name}" stands for cannot be the value of a field: ${error.message}`);
    return undefined;
  }
}

const speaksOfSecrets = /auth|cookie|key|token|secret|pass|credential|signature/i;

/** Why a field is not for rules to touch; undefined if it is. */
function reasonAgainst(lower: string, direction: Direction): string | undefined {
  if (lower === 'host') return 'Host says whom the request is for; use the key `host` of the route';
  if (framing.has(lower)) return `${lower} says where a message ends; the proxy writes it as the body needs`;
  if (ofOneHop.has(lower)) return `${lower} is meant for one connection only; the proxy writes its own where needed`;
  if (lower === 'expect') return 'expect is answered by the proxy itself';
  if (lower === 'via' && direction === 'request')
    return 'via shows loops, so requests keep it (RFC 9110 section 7.6.3)';
  return undefined;
}

const framing = new Set(['content-length', 'transfer-encoding', 'trailer']);

const ofOneHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
]);
