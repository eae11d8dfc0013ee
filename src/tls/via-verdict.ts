import type { Cause } from '../errors.ts';
import type { ReplyFault } from './connect-reply.ts';
import type { ViaProgress } from './via-tunnel.ts';

/** A verdict on the CONNECT proxy. */
export interface ViaVerdict {
  readonly action: 'stop';
  readonly outcome: 'via';
  readonly cause: Cause;
  readonly code: string;
  readonly hint: string;
}

/**
 * Decides what follows from a failure at the CONNECT proxy: always the end, because no offer was made yet and another
 * one would meet the same.
 *
 * @param code what the failure is searched for by
 * @param known the cause that the code has by itself, whoever it comes from
 */
export function judgeVia(via: ViaProgress, code: string, known: Cause | undefined): ViaVerdict {
  const { cause, hint } = causeOf(via, known);
  const proxy = `the CONNECT proxy ${via.proxy}`;
  return { action: 'stop', outcome: 'via', cause, code, hint: hint.replace('PROXY', () => proxy) };
}

interface Told {
  readonly cause: Cause;
  readonly hint: string;
}

function causeOf(via: ViaProgress, known: Cause | undefined): Told {
  if (via.reply !== undefined) return judgeStatus(via, via.reply);
  if (via.fault !== undefined) return { cause: 'unreachable', hint: faults[via.fault] };
  switch (known) {
    case 'refused':
      return { cause: known, hint: 'PROXY refused the connection; check host and port of `via`' };
    case 'dns':
      return { cause: known, hint: 'the name of PROXY does not resolve on this machine; check `via` and the resolver' };
    case 'timeout':
      return { cause: known, hint: via.connected ? lateAnswer : 'PROXY did not answer within `timeouts.connect`' };
    case 'overloaded':
      return { cause: known, hint: 'this process is out of file descriptors; raise its limit (`ulimit -n`)' };
  }
  if (via.connected) {
    const hint = 'PROXY ended the connection before it answered CONNECT; check that it is an HTTP proxy and lets us in';
    return { cause: 'unreachable', hint };
  }
  return { cause: 'unreachable', hint: 'PROXY cannot be reached; check `via` and the network path to it' };
}

const lateAnswer =
  'PROXY opened no tunnel within `timeouts.connect`: the upstream does not answer it, or it is no HTTP proxy';

const faults: Readonly<Record<ReplyFault, string>> = {
  tls: 'PROXY speaks TLS on that port; name its port for plain HTTP in `via`',
  'not-http': 'PROXY answered CONNECT with something that is not HTTP; check host and port of `via`',
  malformed: 'PROXY answered CONNECT with malformed HTTP; check host and port of `via`',
  'too-long': 'PROXY answered CONNECT with more than 16 KiB of fields; check host and port of `via`',
  trailing: 'PROXY sent bytes of its own into the tunnel it opened; check that it allows CONNECT and changes nothing',
};

function judgeStatus(via: ViaProgress, { status, schemes, reason }: NonNullable<ViaProgress['reply']>): Told {
  const said = reason === undefined ? `${status}` : `${status}, ${reason}`;
  switch (status) {
    case 407:
      return { cause: 'refused', hint: authenticationHint(via, schemes, said) };
    case 403:
      return {
        cause: 'refused',
        hint: `PROXY does not allow a tunnel to that host and port (${said}); ask who runs it`,
      };
    case 502:
    case 503:
    case 504: {
      const hint = `PROXY says that it cannot reach the upstream (${said}); check \`upstream\`, and the way there from the proxy`;
      return { cause: 'unreachable', hint };
    }
    default: {
      const hint = `PROXY opened no tunnel (${said}); check that \`via\` names a proxy that allows CONNECT`;
      return { cause: 'refused', hint };
    }
  }
}

function authenticationHint({ authenticated }: ViaProgress, schemes: readonly string[], said: string): string {
  const others = schemes.filter((scheme, index) => schemes.indexOf(scheme) === index).slice(0, 5);
  if (others.length > 0 && !others.some((scheme) => scheme.toLowerCase() === 'basic')) {
    return `PROXY wants credentials by ${others.join(', ')} (${said}), and only Basic is supported; ask who runs it for Basic`;
  }
  if (!authenticated) return `PROXY wants credentials (${said}); set \`via.username\` and \`via.password\``;
  return `PROXY did not accept the credentials (${said}); check \`via.username\` and \`via.password\``;
}
