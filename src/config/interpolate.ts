/** A reference that could not be replaced: where it begins in the text, and what to do. */
export interface Unreplaced {
  readonly index: number;
  readonly message: string;
}

export interface Interpolated {
  readonly text: string;
  /** Whether anything was replaced, so that the text may hold what is no one's to read in a message. */
  readonly replaced: boolean;
  /** Whether nothing of the text stands in the file: it consists of references without defaults. */
  readonly referencesOnly: boolean;
  readonly problems: readonly Unreplaced[];
}

const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|\$\{/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` (used when NAME is unset or empty, as in a shell) once, without looking at
 * the result again; `$${` is a literal `${`.
 */
export function interpolate(written: string, env: Readonly<Record<string, string | undefined>>): Interpolated {
  const problems: Unreplaced[] = [];
  let replaced = false;
  const text = written.replace(
    reference,
    (match: string, name?: string, withDefault?: string, otherwise = '', index = 0) => {
      if (match === '$${') return '${';
      if (name === undefined) {
        problems.push({
          index,
          message: `"\${" begins a reference like \${NAME} or \${NAME:-default}; write "$\${" for the characters themselves`,
        });
        return match;
      }
      replaced = true;
      const value = env[name];
      if (withDefault !== undefined) return value || otherwise;
      if (value === undefined)
        problems.push({
          index,
          message: `the environment variable ${name} is not set; set it or write \${${name}:-default}`,
        });
      return value ?? match;
    },
  );
  return {
    text,
    replaced,
    referencesOnly: written !== '' && written.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, '') === '',
    problems,
  };
}
