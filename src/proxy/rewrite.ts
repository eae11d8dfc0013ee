import { plainCookie, upstreamCookies } from './cookies.ts';
import { applyRules } from './field-rules.ts';
import { localReference, type View, viewOf } from './local-address.ts';
import { spendForward } from './max-forwards.ts';
import type { LiveRoute, Task } from './task.ts';

/**
 * The last changes to a request's fields: cookies get the names back that the upstream gave them, Max-Forwards counts
 * this proxy, and the route's rules are applied.
 * @param fields flat, and the caller's no longer
 */
export function rewriteRequest(fields: string[], task: Task, { settings }: LiveRoute): string[] {
  spendForward(task.request.method as string, fields);
  if (settings.rewrite.cookies) {
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string;
      if (name.length === 6 && name.toLowerCase() === 'cookie')
        fields[i + 1] = upstreamCookies(fields[i + 1] as string);
    }
  }
  return applyRules(fields, settings.headers.request);
}

/**
 * The last changes to a final response's fields: what names the upstream names this proxy, cookies can be used without
 * TLS, and the route's rules are applied.
 * @param fields flat, and the caller's no longer
 */
export function rewriteResponse(fields: string[], task: Task, { settings }: LiveRoute): string[] {
  const { location, cookies } = settings.rewrite;
  if (location || cookies) {
    let view: View | undefined;
    for (let i = 0; i < fields.length; i += 2) {
      const rewriting = rewritingOf(fields[i] as string, location, cookies);
      if (rewriting === undefined) continue;
      view ??= viewOf(task);
      fields[i + 1] = rewriting(fields[i + 1] as string, view);
    }
  }
  return applyRules(fields, settings.headers.response);
}

/** Whether what {@link rewriteResponse} makes of these fields depends on the request. */
export function dependsOnTask(fields: readonly string[], { settings }: LiveRoute): boolean {
  const { location, cookies } = settings.rewrite;
  return fields.some((name, at) => at % 2 === 0 && rewritingOf(name, location, cookies) !== undefined);
}

type Rewriting = (value: string, view: View) => string;

/** What is done to a field; by its length first, for this looks at every field of every response. */
function rewritingOf(name: string, location: boolean, cookies: boolean): Rewriting | undefined {
  switch (name.length) {
    case 7:
      return location && name.toLowerCase() === 'refresh' ? localRefresh : undefined;
    case 8:
      return location && name.toLowerCase() === 'location' ? localReference : undefined;
    case 10:
      return cookies && name.toLowerCase() === 'set-cookie' ? plainCookie : undefined;
    case 16:
      return location && name.toLowerCase() === 'content-location' ? localReference : undefined;
    default:
      return undefined;
  }
}

/** `5; url=…`, as browsers read it (HTML, section 4.2.5.3); one that only says when stays. */
function localRefresh(value: string, view: View): string {
  const [before] = /^\s*[\d.]+\s*(?:[;,]\s*)?url\s*=\s*/i.exec(value) ?? [];
  if (before === undefined) return value;
  // By hand, for a pattern could be made to try every blank of a long run.
  const rest = value.slice(before.length);
  const text = rest.trimEnd();
  const quote = /^["']/.test(text) && text.length > 1 && text.endsWith(text.charAt(0)) ? text.charAt(0) : '';
  const url = text.slice(quote.length, text.length - quote.length);
  return before + quote + localReference(url, view) + quote + rest.slice(text.length);
}
