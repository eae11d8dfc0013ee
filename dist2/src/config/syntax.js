/**
 * What to do about each kind of syntax error. The parser's own sentences are not used: some repeat the text they
 * stumbled over, which may be a secret.
 */
const sentences = {
    TAB_AS_INDENT: 'a tab cannot indent in YAML; use spaces',
    BAD_INDENT: 'this line is indented too little for what it continues, or a bracket before it is not closed',
    MISSING_CHAR: 'a closing quote or bracket, a comma or a colon is missing',
    BLOCK_AS_IMPLICIT_KEY: 'a nested map or list is not possible here; check the indentation, or quote a value that contains ": "',
    MULTILINE_IMPLICIT_KEY: 'a colon is missing on this line, or its indentation is wrong',
    BAD_SCALAR_START: 'a value that begins with this character must be quoted',
    BAD_DQ_ESCAPE: 'this escape is unknown in double quotes; use single quotes to take backslashes as they are',
    UNEXPECTED_TOKEN: 'this does not belong here; a quote or a comma may be missing',
    MULTIPLE_DOCS: 'the file must be one YAML document; remove this "---" and what follows',
    TAG_RESOLVE_FAILED: 'tags have no meaning here; remove it',
    BAD_DIRECTIVE: 'directives have no meaning here; remove it',
    RESOURCE_EXHAUSTION: 'this is nested too deeply',
};
/** Errors after which the structure of the text is still what its author meant. */
const local = new Set([
    'BAD_SCALAR_START',
    'BAD_DQ_ESCAPE',
    'MULTIPLE_DOCS',
    'TAG_RESOLVE_FAILED',
    'BAD_DIRECTIVE',
]);
/** The sentence for a person. */
export const explain = (code) => sentences[code] ?? `this is not valid YAML (${code})`;
/** Whether what follows the error can no longer be trusted. */
export const isStructural = (code) => !local.has(code);
//# sourceMappingURL=syntax.js.map