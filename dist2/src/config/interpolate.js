const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|\$\{/g;
/**
 * Replaces `${NAME}` and `${NAME:-default}` (used when NAME is unset or empty, as in a shell) once, without looking at
 * the result again; `$${` is a literal `${`.
 */
export function interpolate(written, env) {
    const problems = [];
    let replaced = false;
    const text = written.replace(reference, (match, name, withDefault, otherwise = '', index = 0) => {
        if (match === '$${')
            return '${';
        if (name === undefined) {
            problems.push({
                index,
                message: `"\${" begins a reference like \${NAME} or \${NAME:-default}; write "$\${" for the characters themselves`,
            });
            return match;
        }
        replaced = true;
        const value = env[name];
        if (withDefault !== undefined)
            return value || otherwise;
        if (value === undefined)
            problems.push({
                index,
                message: `the environment variable ${name} is not set; set it or write \${${name}:-default}`,
            });
        return value ?? match;
    });
    return {
        text,
        replaced,
        referencesOnly: written !== '' && written.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, '') === '',
        problems,
    };
}
//# sourceMappingURL=interpolate.js.map