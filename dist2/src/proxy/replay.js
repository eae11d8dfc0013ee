/** Idempotent methods (RFC 9110 section 9.2.2): sent twice, they ask for the same. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
/** Whether a request may be sent again after its first connection died without a word, as far as its method decides. */
export function mayReplay(policy, method) {
    return policy === 'always' || (policy === 'idempotent' && idempotent.has(method));
}
//# sourceMappingURL=replay.js.map