/** HTML that is safe to be put into other HTML: what {@link html} made. */
export class Markup {
  readonly text: string;

  /** @param text well-formed HTML in which nothing from outside stands unescaped */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template. Undefined and false leave nothing; text is escaped. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

/**
 * A template whose values are escaped unless they are {@link Markup}, so that none can be forgotten. Values stand between
 * tags or within quoted attributes.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.reduce((all, part, index) => `${all}${shown(values[index - 1])}${part}`));
}

function shown(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(shown).join('');
  return escapeHtml(String(value));
}

const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escaped for HTML text and quoted attributes. Control characters, which no browser shows, become visible. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (one) => names[one] as string).replace(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, '\ufffd');
}

/** A sentence in which what stands between backticks is code. */
export function prose(sentence: string): Markup {
  const parts = sentence.split('`');
  // Without its partner a backtick is one.
  if (parts.length % 2 === 0) return html`${sentence}`;
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
